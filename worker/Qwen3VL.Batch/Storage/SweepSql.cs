namespace Qwen3VL.Batch.Storage;

/// <summary>Statements that put things in order that no worker will.</summary>
internal static class SweepSql
{
    /// <summary>Jobs that are being cancelled.</summary>
    public const string Cancelling = "SELECT id FROM vq.jobs WHERE state = 'cancelling' ORDER BY id LIMIT 100";

    /// <summary>Tells the holders of a cancelled job's groups; rows in order of number.</summary>
    public const string MarkCancelled =
        """
        WITH open AS MATERIALIZED (
          SELECT job_id, group_no FROM vq.work WHERE job_id = @JobId ORDER BY group_no FOR UPDATE)
        UPDATE vq.work w SET cancelled = true FROM open o WHERE w.job_id = o.job_id AND w.group_no = o.group_no
        """;

    /// <summary>Deletes a cancelled job's groups that nobody holds.</summary>
    public const string DeleteUnheld = "DELETE FROM vq.work WHERE job_id = @JobId AND cancelled AND lease_until IS NULL";

    /// <summary>Open chunks of a cancelled job with no group left.</summary>
    public const string CancelChunks =
        """
        UPDATE vq.chunks SET outcome = 'cancelled', finished_at = now()
        WHERE job_id = @JobId AND outcome IS NULL AND NOT EXISTS (SELECT FROM vq.work WHERE job_id = @JobId)
          AND EXISTS (SELECT FROM vq.jobs WHERE id = @JobId AND state = 'cancelling')
        """;

    /// <summary>
    /// A cancelled job with no group and no open chunk left ends. Both, because each statement looks anew: the last group may go after
    /// <see cref="CancelChunks"/> has found it, and whoever deletes it ends the job then.
    /// </summary>
    public const string EndCancelled =
        $"""
        UPDATE vq.jobs SET state = 'cancelled', finished_at = now()
        WHERE id = @JobId AND state = 'cancelling' AND NOT EXISTS (SELECT FROM vq.work WHERE job_id = @JobId)
          AND NOT EXISTS (SELECT FROM vq.chunks WHERE job_id = @JobId AND outcome IS NULL)
        RETURNING {JobCounts.Columns}
        """;

    /// <summary>The tombstone of an overdue job: from here on no plan is committed.</summary>
    public const string MarkOverdue =
        """
        WITH due AS MATERIALIZED (
          SELECT id FROM vq.jobs
          WHERE deadline_at < now() AND overdue_at IS NULL AND cancel_at IS NULL AND state IN ('accepted', 'splitting', 'running')
          ORDER BY id LIMIT 100 FOR UPDATE SKIP LOCKED)
        UPDATE vq.jobs j SET overdue_at = now() FROM due d WHERE j.id = d.id
        """;

    /// <summary>Overdue jobs that have not ended.</summary>
    public const string Overdue =
        """
        SELECT id FROM vq.jobs
        WHERE deadline_at < now() AND overdue_at IS NOT NULL AND state IN ('accepted', 'splitting', 'running') ORDER BY id LIMIT 100
        """;

    /// <summary>Open chunks of an overdue job; waits for those that are just ending.</summary>
    public const string FailChunks =
        """
        UPDATE vq.chunks SET outcome = 'failed', finished_at = now(), error_code = @Code, error_message = @Message
        WHERE job_id = @JobId AND outcome IS NULL
        """;

    /// <summary>All groups of a job: whoever holds one learns from the next heartbeat that the lease is lost.</summary>
    public const string DeleteGroups =
        """
        WITH open AS MATERIALIZED (
          SELECT job_id, group_no FROM vq.work WHERE job_id = @JobId ORDER BY group_no FOR UPDATE)
        DELETE FROM vq.work w USING open o WHERE w.job_id = o.job_id AND w.group_no = o.group_no
        """;

    /// <summary>An overdue job ends with what it has.</summary>
    public const string EndOverdue =
        $"""
        UPDATE vq.jobs SET finished_at = now(), error_code = @Code, error_message = @Message,
          failed_chunks = coalesce(total_chunks - done_chunks, 0), state = CASE WHEN done_chunks > 0 THEN 'partial' ELSE 'failed' END
        WHERE id = @JobId AND overdue_at IS NOT NULL AND state IN ('accepted', 'splitting', 'running')
        RETURNING {JobCounts.Columns}
        """;
}
