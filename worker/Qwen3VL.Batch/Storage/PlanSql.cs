namespace Qwen3VL.Batch.Storage;

/// <summary>Statements that begin and end planning.</summary>
internal static class PlanSql
{
    /// <summary>The planning group, locked, when it is the caller's.</summary>
    public const string LockPlanning =
        """
        SELECT order_key AS OrderKey, tenant_id AS TenantId, priority FROM vq.work
        WHERE job_id = @JobId AND group_no = 0 AND fence = @Fence AND lease_owner = @WorkerId FOR UPDATE
        """;

    /// <summary>The job, locked, when it may still be planned.</summary>
    public const string LockJob =
        """
        SELECT true FROM vq.jobs
        WHERE id = @JobId AND state IN ('accepted', 'splitting') AND cancel_at IS NULL AND overdue_at IS NULL FOR UPDATE
        """;

    /// <summary>All chunks of the plan.</summary>
    public const string InsertChunks =
        """
        INSERT INTO vq.chunks (job_id, chunk_no, group_no, kind, stage, first_unit, last_unit)
        SELECT @JobId, c.chunk_no, c.group_no, c.kind, c.stage, c.first_unit, c.last_unit
        FROM unnest(@ChunkNos, @GroupNos, @Kinds, @Stages, @FirstUnits, @LastUnits) AS c(chunk_no, group_no, kind, stage, first_unit, last_unit)
        """;

    /// <summary>All groups of the plan, each so many seconds behind the job's place in the queue.</summary>
    public const string InsertGroups =
        """
        INSERT INTO vq.work (job_id, group_no, tenant_id, priority, lane, order_key, first_chunk, last_chunk, stage, waiting)
        SELECT @JobId, g.group_no, @TenantId, @Priority, @Lane, @OrderKey + make_interval(secs => g.delay), g.first_chunk, g.last_chunk, g.stage,
          g.waiting
        FROM unnest(@GroupNos, @Delays, @FirstChunks, @LastChunks, @Stages, @Waiting)
          AS g(group_no, delay, first_chunk, last_chunk, stage, waiting)
        """;

    /// <summary>How many chunks each stage waits for.</summary>
    public const string InsertStages =
        """
        INSERT INTO vq.job_stages (job_id, stage, total)
        SELECT job_id, stage, count(*) FROM vq.chunks WHERE job_id = @JobId GROUP BY job_id, stage
        """;

    /// <summary>Deletes the planning group; only its holder can.</summary>
    public const string DeletePlanning =
        "DELETE FROM vq.work WHERE job_id = @JobId AND group_no = 0 AND fence = @Fence AND lease_owner = @WorkerId";

    /// <summary>The job runs.</summary>
    public const string Run =
        $"""
        UPDATE vq.jobs SET state = 'running', total_chunks = @Total, facts = @Facts::jsonb, progress_at = now()
        WHERE id = @JobId
        RETURNING {JobCounts.Columns}
        """;

    /// <summary>The job cannot be planned.</summary>
    public const string Fail =
        $"""
        UPDATE vq.jobs SET state = 'failed', finished_at = now(), error_code = @Code, error_message = @Message
        WHERE id = @JobId AND state IN ('accepted', 'splitting')
        RETURNING {JobCounts.Columns}
        """;
}
