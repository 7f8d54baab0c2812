namespace Qwen3VL.Batch.Storage;

/// <summary>Statements that look into jobs.</summary>
internal static class JobInspectorSql
{
    /// <summary>Newest first.</summary>
    public const string Newest = Filtered + " ORDER BY id DESC LIMIT @Limit";

    /// <summary>Oldest first.</summary>
    public const string Oldest = Filtered + " ORDER BY id LIMIT @Limit";

    /// <summary>Those first that took longest.</summary>
    public const string Longest = Filtered + " ORDER BY coalesce(finished_at, now()) - created_at DESC, id LIMIT @Limit";

    /// <summary>Counts over the chunks of a job.</summary>
    public const string Chunks =
        """
        SELECT count(*) FILTER (WHERE outcome IS NULL)::int AS Open, count(*) FILTER (WHERE outcome = 'succeeded')::int AS Succeeded,
          count(*) FILTER (WHERE outcome = 'failed')::int AS Failed, count(*) FILTER (WHERE outcome = 'cancelled')::int AS Cancelled,
          coalesce(sum(greatest(starts - 1, 0)), 0)::int AS Retries, coalesce(sum(failures), 0)::int AS Failures,
          coalesce(sum(lost_starts), 0)::int AS LostStarts, count(*) FILTER (WHERE degradation > 0)::int AS Degraded
        FROM vq.chunks WHERE job_id = @JobId
        """;

    /// <summary>Groups that are not done.</summary>
    public const string Groups =
        """
        SELECT group_no AS GroupNo, lane, first_chunk AS FirstChunk, last_chunk AS LastChunk, lease_owner AS WorkerId, fence,
          lost_count AS LostCount,
          CASE WHEN cancelled THEN 'cancelled' WHEN lease_until IS NOT NULL THEN 'leased' WHEN waiting THEN 'waiting'
            WHEN run_at > now() THEN 'postponed' ELSE 'ready' END AS State,
          CASE WHEN lease_until IS NOT NULL THEN extract(epoch FROM lease_until - now())::float8
            WHEN run_at > now() THEN extract(epoch FROM run_at - now())::float8 END AS SecondsLeft
        FROM vq.work WHERE job_id = @JobId ORDER BY group_no LIMIT 100
        """;

    /// <summary>Dead letters of a job.</summary>
    public const string DeadLetters =
        "SELECT count(*) FILTER (WHERE status IN ('open', 'replaying'))::int AS Open, count(*)::int AS Total FROM vq.dead_letters WHERE job_id = @JobId";

    // The id holds the time, so both bounds prune partitions.
    private const string Filtered =
        $"""
        SELECT {JobRow.Columns} FROM vq.jobs
        WHERE tenant_id = @TenantId AND id >= vq.uuid7_floor(@Since) AND id < vq.uuid7_floor(@Until)
          AND (@AnyState OR state = ANY(@States)) AND (@Kind::text IS NULL OR kind = @Kind)
          AND (@Source::text IS NULL OR strpos(source_uri, @Source) > 0) AND (@ErrorCode::text IS NULL OR error_code = @ErrorCode)
        """;
}
