namespace Qwen3VL.Batch.Storage;

/// <summary>
/// Statements that take leases back and draw conclusions from it. All of them run in one transaction, chunks before work, and the update of
/// the work row decides: when it changes no row the holder was alive after all, and nothing of the rest is kept.
/// </summary>
internal static class CrashSql
{
    // A process that beat after the lease ran out lost it, for example to a network that was down; it did not die of its chunks.
    private const string HolderIsSilent = "NOT EXISTS (SELECT FROM vq.workers k WHERE k.id = w.lease_owner AND k.beat_at > w.lease_until)";

    /// <summary>Leases that ran out; not locked, each is decided on in its own transaction.</summary>
    public const string Expired =
        """
        SELECT job_id AS JobId, group_no AS GroupNo, fence AS Fence, lease_owner AS WorkerId
        FROM vq.work WHERE lease_until < now() ORDER BY lease_until LIMIT 200
        """;

    /// <summary>
    /// Counts the starts that were made under the lease and that nobody answered for. Of an expired lease only when its holder is silent.
    /// </summary>
    public const string CountLost =
        $"""
        WITH lost AS MATERIALIZED (
          SELECT c.job_id, c.chunk_no FROM vq.work w
          JOIN vq.chunks c ON c.job_id = w.job_id AND c.chunk_no BETWEEN w.first_chunk AND w.last_chunk AND c.group_no = w.group_no
          WHERE w.job_id = @JobId AND w.group_no = @GroupNo AND w.fence = @Fence AND w.lease_owner = @WorkerId
            AND c.job_id = @JobId AND c.outcome IS NULL AND c.start_fence = @Fence
            AND (NOT @Expired OR (w.lease_until < now() AND {HolderIsSilent}))
          ORDER BY c.chunk_no FOR UPDATE OF c)
        UPDATE vq.chunks c SET lost_starts = least(c.lost_starts + 1, 32767), start_fence = NULL
        FROM lost l WHERE c.job_id = @JobId AND c.chunk_no = l.chunk_no
        RETURNING c.chunk_no AS ChunkNo, c.stage AS Stage, c.lost_starts AS LostStarts
        """;

    /// <summary>History of the executions that were lost.</summary>
    public const string InsertLost =
        """
        INSERT INTO vq.chunk_attempts (job_id, chunk_no, fence, worker_id, started_at, start_no, outcome)
        SELECT job_id, chunk_no, @Fence, @WorkerId, coalesce(started_at, now()), starts, 'lost'
        FROM vq.chunks WHERE job_id = @JobId AND chunk_no = ANY(@ChunkNos)
        ON CONFLICT DO NOTHING
        """;

    /// <summary>Gives each suspect a group of its own.</summary>
    public const string MoveChunks =
        """
        UPDATE vq.chunks SET group_no = @FirstGroupNo + chunk_no
        WHERE job_id = @JobId AND chunk_no = ANY(@ChunkNos) AND group_no < @FirstGroupNo AND outcome IS NULL
        """;

    /// <summary>
    /// The work rows of those groups. The fence goes on from the old group's: an execution of the chunk under the old lease and one under
    /// the new have different fences.
    /// </summary>
    public const string InsertQuarantined =
        """
        INSERT INTO vq.work (job_id, group_no, order_key, run_at, fence, first_chunk, last_chunk, stage, lost_count, lane, cost, cancelled, tenant_id,
          priority)
        SELECT w.job_id, @FirstGroupNo + c.chunk_no, w.order_key, w.run_at, w.fence, c.chunk_no, c.chunk_no, w.stage, @EntryLosses, @Lane, w.cost,
          w.cancelled, w.tenant_id, w.priority
        FROM vq.work w CROSS JOIN unnest(@ChunkNos) AS c(chunk_no)
        WHERE w.job_id = @JobId AND w.group_no = @GroupNo
        ON CONFLICT DO NOTHING
        """;

    /// <summary>Gives up the chunk of a quarantined group.</summary>
    public const string EndCrashed =
        """
        UPDATE vq.chunks SET outcome = 'failed', finished_at = clock_timestamp(), error_code = @Code, error_message = @Message
        WHERE job_id = @JobId AND chunk_no = @ChunkNo AND outcome IS NULL
        RETURNING stage
        """;

    /// <summary>
    /// Makes an expired lease ready again, with a pause that doubles with every loss up to a minute: a group that kills its workers slows
    /// down by itself. A planning group has no chunks to count, so its own losses decide.
    /// </summary>
    public const string TakeBack =
        $"""
        UPDATE vq.work w SET lease_until = NULL, lease_owner = NULL,
          lost_count = least(lost_count + CASE WHEN {HolderIsSilent} THEN 1 ELSE 0 END, 32767),
          run_at = now() + make_interval(secs => least(60, power(2, least(lost_count, 6)) - 1)),
          lane = CASE WHEN group_no = 0 AND lost_count + 1 >= @EntryLosses AND {HolderIsSilent} THEN @Lane ELSE lane END
        WHERE job_id = @JobId AND group_no = @GroupNo AND fence = @Fence AND lease_owner = @WorkerId AND lease_until < now()
        RETURNING lost_count
        """;

    /// <summary>Gives a group back whose engine stopped: as <see cref="LeaseSql.Release"/>, in the transaction that counts its starts.</summary>
    public const string GiveBack =
        """
        UPDATE vq.work SET lease_until = NULL, lease_owner = NULL, outages = @Outages, defects = @Defects,
          run_at = now() + make_interval(secs => @DelaySeconds)
        WHERE job_id = @JobId AND group_no = @GroupNo AND fence = @Fence AND lease_owner = @WorkerId
        RETURNING lost_count
        """;

    /// <summary>Deletes a group that nobody holds and whose work was given up.</summary>
    public const string DeleteGroup = "DELETE FROM vq.work WHERE job_id = @JobId AND group_no = @GroupNo AND lease_until IS NULL";
}
