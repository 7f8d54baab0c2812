namespace Qwen3VL.Batch.Storage;

/// <summary>Statements that take commands in.</summary>
internal static class IntakeSql
{
    /// <summary>Takes the key, or nothing when it is taken; waits for a transaction that is just taking it.</summary>
    public const string TakeKey =
        """
        INSERT INTO vq.idempotency_keys (tenant_id, idem_key, request_hash, job_id)
        VALUES (@TenantId, @Key, @Hash, vq.uuid7())
        ON CONFLICT DO NOTHING
        RETURNING job_id
        """;

    /// <summary>Who has the key, and whether with the same body.</summary>
    public const string ReadKey =
        """
        SELECT job_id AS JobId, request_hash = @Hash AS SameBody
        FROM vq.idempotency_keys WHERE tenant_id = @TenantId AND idem_key = @Key
        """;

    /// <summary>The job.</summary>
    public const string InsertJob =
        """
        INSERT INTO vq.jobs (id, tenant_id, deadline_at, priority, kind, idem_key, source_uri, source_sha256, tasks, options)
        VALUES (@JobId, @TenantId, @DeadlineAt, @Priority, @Kind, @Key, @SourceUri, @SourceSha256, @Tasks::jsonb, @Options::jsonb)
        RETURNING created_at
        """;

    /// <summary>Open groups of a tenant that are as urgent or more, as far as they are counted.</summary>
    public const string CountOpenGroups =
        "SELECT count(*)::int FROM (SELECT FROM vq.work WHERE tenant_id = @TenantId AND priority >= @Priority LIMIT @MostCounted) open";

    /// <summary>Its planning group; it has no chunks.</summary>
    public const string InsertPlanning =
        """
        INSERT INTO vq.work (job_id, group_no, tenant_id, priority, lane, order_key, first_chunk, last_chunk)
        VALUES (@JobId, 0, @TenantId, @Priority, @Lane, now() + make_interval(secs => @DelaySeconds), 0, -1)
        """;

    /// <summary>A refusal, once for each body.</summary>
    public const string InsertRejection =
        """
        INSERT INTO vq.rejections (tenant_id, idem_key, request_hash, code, message)
        VALUES (@TenantId, @Key, @Hash, @Code, @Message)
        ON CONFLICT DO NOTHING
        RETURNING created_at
        """;

    /// <summary>The tombstone of a cancelled job: from here on no plan is committed and no final state but cancelled is reached.</summary>
    public const string RequestCancel =
        """
        UPDATE vq.jobs SET state = 'cancelling', cancel_at = now(), cancel_reason = @Reason
        WHERE id = @JobId AND tenant_id = @TenantId AND cancel_at IS NULL AND state IN ('accepted', 'splitting', 'running')
        """;

    /// <summary>Whether a job of the tenant is being cancelled.</summary>
    public const string IsCancelling = "SELECT true FROM vq.jobs WHERE id = @JobId AND tenant_id = @TenantId AND state = 'cancelling'";

    /// <summary>A new priority of an open job.</summary>
    public const string SetPriority =
        """
        UPDATE vq.jobs SET priority = @Priority
        WHERE id = @JobId AND tenant_id = @TenantId AND state IN ('accepted', 'splitting', 'running') AND cancel_at IS NULL
        """;

    /// <summary>
    /// Moves a job's groups by what its new priority is worth against the one they stand by, so that their places among themselves and among
    /// the tenant's other jobs stay; a group in quarantine stays there. Rows in order of number; a repeat moves nothing.
    /// </summary>
    public const string MoveGroups =
        """
        WITH open AS MATERIALIZED (
          SELECT job_id, group_no FROM vq.work WHERE job_id = @JobId ORDER BY group_no FOR NO KEY UPDATE)
        UPDATE vq.work w SET priority = j.priority,
          order_key = w.order_key + make_interval(secs => (@SlackSeconds::float8[])[j.priority + 1] - (@SlackSeconds::float8[])[w.priority + 1]),
          lane = CASE WHEN w.lane = @Quarantine THEN w.lane WHEN j.priority >= @LowestInteractivePriority THEN @Interactive ELSE @Bulk END
        FROM open o, vq.jobs j
        WHERE w.job_id = o.job_id AND w.group_no = o.group_no AND j.id = @JobId
        """;
}
