namespace Qwen3VL.Batch.Storage;

/// <summary>Statements about leases. The clock is the database's: a worker with a wrong clock steals nothing.</summary>
internal static class LeaseSql
{
    /// <summary>A new worker.</summary>
    public const string RegisterWorker =
        "INSERT INTO vq.workers (host, pid, version, slots, lanes) VALUES (@Host, @ProcessId, @Version, @Slots, @Lanes) RETURNING id";

    /// <summary>A worker that begins nothing new.</summary>
    public const string MarkDraining = "UPDATE vq.workers SET draining = true WHERE id = @WorkerId AND NOT draining";

    /// <summary>A worker that stops.</summary>
    public const string UnregisterWorker = "UPDATE vq.workers SET draining = true, stopped_at = now() WHERE id = @WorkerId AND stopped_at IS NULL";

    /// <summary>
    /// A sign of life, and whether somebody asked for a drain. A worker that was taken for lost, for example while its machine slept, is back.
    /// </summary>
    public const string Beat =
        """
        UPDATE vq.workers SET beat_at = now(), stopped_at = CASE WHEN lost THEN NULL ELSE stopped_at END, lost = false
        WHERE id = @WorkerId
        RETURNING drain_at IS NOT NULL
        """;

    /// <summary>
    /// Leases ready groups. Each lane is an index scan of its own that ends after so many rows: one scan over several lanes would have to sort
    /// all of them. The MATERIALIZED steps with their LIMIT keep the planner from locking more rows than asked for (as Oban notes in
    /// <c>lib/oban/engines/basic.ex</c>); SKIP LOCKED keeps claimers from waiting for each other. Lanes but the interactive one share a limit.
    /// </summary>
    public const string Claim =
        """
        WITH ready AS MATERIALIZED (
          SELECT w.job_id, w.group_no, w.lane, w.order_key
          FROM unnest(@Lanes) AS l(lane) CROSS JOIN LATERAL (
            SELECT job_id, group_no, lane, order_key FROM vq.work
            WHERE lane = l.lane AND lease_until IS NULL AND NOT waiting AND NOT cancelled AND run_at <= now()
            ORDER BY order_key, job_id, group_no
            LIMIT CASE WHEN l.lane = @Interactive THEN @Count ELSE @SharedCount END
            FOR UPDATE SKIP LOCKED) w),
        placed AS (
          SELECT job_id, group_no, lane, order_key,
            row_number() OVER (PARTITION BY lane = @Interactive ORDER BY order_key, job_id, group_no) AS place
          FROM ready),
        chosen AS MATERIALIZED (
          SELECT job_id, group_no FROM placed WHERE lane = @Interactive OR place <= @SharedCount
          ORDER BY order_key, job_id, group_no LIMIT @Count)
        UPDATE vq.work w SET lease_until = now() + make_interval(secs => @LeaseSeconds), lease_owner = @WorkerId, fence = w.fence + 1
        FROM chosen c WHERE w.job_id = c.job_id AND w.group_no = c.group_no
        RETURNING w.job_id AS JobId, w.group_no AS GroupNo, w.fence AS Fence, w.lease_owner AS WorkerId, w.lane AS Lane,
          w.outages AS Outages, w.defects AS Defects
        """;

    /// <summary>Jobs whose planning begins.</summary>
    public const string StartPlanning =
        "UPDATE vq.jobs SET state = 'splitting', started_at = coalesce(started_at, now()) WHERE id = ANY(@JobIds) AND state = 'accepted'";

    /// <summary>Extends all leases of a worker; rows in one order, because cancelling a job locks several of them too.</summary>
    public const string Heartbeat =
        """
        WITH mine AS MATERIALIZED (
          SELECT w.job_id, w.group_no FROM vq.work w
          JOIN unnest(@JobIds, @GroupNos, @Fences) AS m(job_id, group_no, fence)
            ON w.job_id = m.job_id AND w.group_no = m.group_no AND w.fence = m.fence
          WHERE w.lease_owner = @WorkerId
          ORDER BY w.job_id, w.group_no FOR NO KEY UPDATE OF w)
        UPDATE vq.work w SET lease_until = now() + make_interval(secs => @LeaseSeconds)
        FROM mine m WHERE w.job_id = m.job_id AND w.group_no = m.group_no
        RETURNING w.job_id AS JobId, w.group_no AS GroupNo, w.fence AS Fence, w.cancelled AS Cancelled
        """;

    /// <summary>Gives a group back. It is ready when the delay is over and one of its open chunks is due.</summary>
    public const string Release =
        """
        UPDATE vq.work w SET lease_until = NULL, lease_owner = NULL, outages = @Outages, defects = @Defects,
          run_at = greatest(now() + make_interval(secs => @DelaySeconds), (
            SELECT min(coalesce(c.not_before, '-infinity')) FROM vq.chunks c
            WHERE c.job_id = @JobId AND c.chunk_no BETWEEN w.first_chunk AND w.last_chunk AND c.group_no = w.group_no AND c.outcome IS NULL))
        WHERE w.job_id = @JobId AND w.group_no = @GroupNo AND w.fence = @Fence AND w.lease_owner = @WorkerId
        """;

    /// <summary>
    /// Deletes a group with nothing left to do. The planning group has no chunks: it ends with the plan, or with the job's cancelling.
    /// </summary>
    public const string Finish =
        """
        DELETE FROM vq.work w
        WHERE w.job_id = @JobId AND w.group_no = @GroupNo AND w.fence = @Fence AND w.lease_owner = @WorkerId
          AND (w.cancelled
            OR EXISTS (SELECT FROM vq.jobs j WHERE j.id = @JobId AND j.state = 'cancelling')
            OR (w.group_no > 0 AND NOT EXISTS (
              SELECT FROM vq.chunks c
              WHERE c.job_id = @JobId AND c.chunk_no BETWEEN w.first_chunk AND w.last_chunk AND c.group_no = w.group_no AND c.outcome IS NULL)))
        """;
}
