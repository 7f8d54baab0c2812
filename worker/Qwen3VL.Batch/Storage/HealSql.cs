namespace Qwen3VL.Batch.Storage;

/// <summary>
/// Statements that rebuild what can be derived: <c>vq.work</c> and the counters from <c>vq.chunks</c>. Every transaction of the ledger keeps
/// them in step, so what one snapshot shows out of step was lost outside of it, for example by a restore or a hand.
/// </summary>
internal static class HealSql
{
    private const string IsRunning = "j.state = 'running' AND j.cancel_at IS NULL AND j.overdue_at IS NULL";

    /// <summary>Running jobs with an open chunk that no group holds.</summary>
    public const string Orphaned =
        $"""
        SELECT j.id FROM vq.jobs j
        WHERE {IsRunning} AND EXISTS (
          SELECT FROM vq.chunks c
          WHERE c.job_id = j.id AND c.outcome IS NULL
            AND NOT EXISTS (SELECT FROM vq.work w WHERE w.job_id = c.job_id AND w.group_no = c.group_no))
        ORDER BY j.id LIMIT 100
        """;

    /// <summary>
    /// Rebuilds the groups of a job's orphaned chunks. Their fences begin far above every one on record: a holder of a group that was lost
    /// may still work, and its claim must not look like one of the new group's. Their places among each other are as in <see cref="TenantFairness"/>;
    /// what earlier jobs of the tenant had put the job back is not on record.
    /// </summary>
    public const string RebuildGroups =
        """
        INSERT INTO vq.work (job_id, group_no, order_key, fence, first_chunk, last_chunk, stage, lane, tenant_id, priority, waiting)
        SELECT j.id, c.group_no,
          j.created_at + make_interval(secs => (@SlackSeconds::float8[])[j.priority + 1]
            + CASE WHEN min(c.stage) = f.stage THEN @PenaltySeconds * (row_number() OVER (ORDER BY c.group_no) - 1) ELSE 0 END),
          max(greatest(coalesce(c.fence, 0), coalesce(c.start_fence, 0), coalesce(a.fence, 0))) + 1000,
          min(c.chunk_no), max(c.chunk_no), min(c.stage),
          CASE WHEN c.group_no >= @FirstGroupNo THEN @Quarantine WHEN j.priority >= @LowestInteractivePriority THEN @Interactive ELSE @Bulk END,
          j.tenant_id, j.priority, EXISTS (SELECT FROM vq.job_stages s WHERE s.job_id = j.id AND s.stage < min(c.stage) AND s.ended < s.total)
        FROM vq.jobs j JOIN vq.chunks c ON c.job_id = j.id
        CROSS JOIN LATERAL (SELECT min(s.stage) AS stage FROM vq.job_stages s WHERE s.job_id = j.id) f
        LEFT JOIN LATERAL (SELECT max(t.fence) AS fence FROM vq.chunk_attempts t WHERE t.job_id = c.job_id AND t.chunk_no = c.chunk_no) a ON true
        WHERE j.id = @JobId AND c.job_id = @JobId AND c.outcome IS NULL
          AND NOT EXISTS (SELECT FROM vq.work w WHERE w.job_id = c.job_id AND w.group_no = c.group_no)
        GROUP BY j.id, j.created_at, j.priority, j.tenant_id, f.stage, c.group_no
        ON CONFLICT DO NOTHING
        """;

    /// <summary>Jobs that wait for a plan which no group is to make.</summary>
    public const string Unplanned =
        """
        SELECT j.id FROM vq.jobs j
        WHERE j.state IN ('accepted', 'splitting') AND j.cancel_at IS NULL AND j.overdue_at IS NULL
          AND NOT EXISTS (SELECT FROM vq.work w WHERE w.job_id = j.id)
        ORDER BY j.id LIMIT 100
        """;

    /// <summary>Rebuilds a planning group. Its plan is committed once, by the deletion of this row: old holders need no fence against them.</summary>
    public const string RebuildPlanning =
        """
        INSERT INTO vq.work (job_id, group_no, order_key, first_chunk, last_chunk, lane, tenant_id, priority)
        SELECT id, 0, created_at + make_interval(secs => (@SlackSeconds::float8[])[priority + 1]), 0, -1,
          CASE WHEN priority >= @LowestInteractivePriority THEN @Interactive ELSE @Bulk END, tenant_id, priority
        FROM vq.jobs WHERE id = @JobId
        ON CONFLICT DO NOTHING
        """;

    /// <summary>The job, locked, when it runs: the last lock of a transaction.</summary>
    public const string LockRunning = $"SELECT true FROM vq.jobs j WHERE j.id = @JobId AND {IsRunning} FOR UPDATE";

    /// <summary>The job, locked, when it waits for a plan.</summary>
    public const string LockUnplanned =
        """
        SELECT true FROM vq.jobs
        WHERE id = @JobId AND state IN ('accepted', 'splitting') AND cancel_at IS NULL AND overdue_at IS NULL FOR UPDATE
        """;

    /// <summary>Frees groups that wait although all stages before theirs have ended.</summary>
    public const string FreeStages =
        """
        WITH free AS MATERIALIZED (
          SELECT w.job_id, w.group_no FROM vq.work w
          WHERE w.waiting AND NOT EXISTS (SELECT FROM vq.job_stages s WHERE s.job_id = w.job_id AND s.stage < w.stage AND s.ended < s.total)
          ORDER BY w.job_id, w.group_no LIMIT 1000 FOR NO KEY UPDATE OF w SKIP LOCKED)
        UPDATE vq.work w SET waiting = false, run_at = now() FROM free f WHERE w.job_id = f.job_id AND w.group_no = f.group_no
        """;

    /// <summary>Running jobs whose counters differ from their chunks, or that have ended in all but name.</summary>
    public const string Miscounted =
        $"""
        SELECT j.id FROM vq.jobs j
        CROSS JOIN LATERAL (
          SELECT count(*) FILTER (WHERE c.outcome = 'succeeded') AS done, count(*) FILTER (WHERE c.outcome = 'failed') AS failed
          FROM vq.chunks c WHERE c.job_id = j.id) n
        WHERE {IsRunning} AND (j.done_chunks <> n.done OR j.failed_chunks <> n.failed OR n.done + n.failed = j.total_chunks
          OR EXISTS (
            SELECT FROM vq.job_stages s
            WHERE s.job_id = j.id
              AND s.ended <> (SELECT count(*) FROM vq.chunks c WHERE c.job_id = j.id AND c.stage = s.stage AND c.outcome IS NOT NULL)))
        ORDER BY j.id LIMIT 100
        """;

    /// <summary>Locks a job's stages: from here on no chunk of it ends.</summary>
    public const string LockStages = "SELECT stage FROM vq.job_stages WHERE job_id = @JobId ORDER BY stage FOR UPDATE";

    /// <summary>Counts the stages anew; a statement of its own after the lock, so that it sees what the lock waited for.</summary>
    public const string CountStages =
        """
        UPDATE vq.job_stages s SET ended = n.ended
        FROM (SELECT stage, count(outcome) AS ended FROM vq.chunks WHERE job_id = @JobId GROUP BY stage) n
        WHERE s.job_id = @JobId AND s.stage = n.stage AND s.ended <> n.ended
        """;

    /// <summary>Counts the job anew, after the same lock.</summary>
    public const string CountJob =
        """
        UPDATE vq.jobs j SET done_chunks = n.done, failed_chunks = n.failed
        FROM (
          SELECT count(*) FILTER (WHERE outcome = 'succeeded') AS done, count(*) FILTER (WHERE outcome = 'failed') AS failed
          FROM vq.chunks WHERE job_id = @JobId) n
        WHERE j.id = @JobId AND (j.done_chunks <> n.done OR j.failed_chunks <> n.failed)
        """;
}
