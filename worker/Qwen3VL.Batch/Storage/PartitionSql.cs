namespace Qwen3VL.Batch.Storage;

/// <summary>Statements about partitions. Names come from <see cref="Parents"/> and a month, never from outside.</summary>
internal static class PartitionSql
{
    /// <summary>Missing partitions of one table for the coming months; 0 when none is missing.</summary>
    public const string Ensure = "SELECT vq.ensure_partitions(2)";

    /// <summary>Every table that is, or was, a month of a big one.</summary>
    public const string List =
        """
        SELECT p.parent AS Parent, right(c.relname, 6) AS Month, i.inhrelid IS NOT NULL AS Attached,
          coalesce(i.inhdetachpending, false) AS Pending, greatest(c.reltuples, 0)::bigint AS Rows, pg_total_relation_size(c.oid) AS Bytes
        FROM unnest(@Parents) AS p(parent)
        JOIN pg_class c ON c.relname ~ ('^' || p.parent || '_[0-9]{6}$') AND c.relkind = 'r'
        JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = 'vq'
        LEFT JOIN pg_inherits i ON i.inhrelid = c.oid
        ORDER BY Month, Parent
        """;

    /// <summary>Whether the month is over.</summary>
    public const string IsOver = "SELECT @End <= date_trunc('month', now() AT TIME ZONE 'UTC') AT TIME ZONE 'UTC'";

    /// <summary>
    /// Whether a group or a job of the month is open, or a job of the month is replayed, at whatever remove, by one that is: it reads what the
    /// other has done.
    /// </summary>
    public const string HasOpenWork =
        """
        WITH RECURSIVE line AS (
          SELECT j.replay_of AS id, 1 AS depth FROM vq.jobs j WHERE j.finished_at IS NULL AND j.replay_of IS NOT NULL
          UNION
          SELECT j.replay_of, l.depth + 1 FROM line l JOIN vq.jobs j ON j.id = l.id WHERE j.replay_of IS NOT NULL AND l.depth < 100)
        SELECT EXISTS (SELECT FROM line WHERE id >= vq.uuid7_floor(@Begin) AND id < vq.uuid7_floor(@End))
          OR EXISTS (SELECT FROM vq.work WHERE job_id >= vq.uuid7_floor(@Begin) AND job_id < vq.uuid7_floor(@End))
          OR EXISTS (SELECT FROM vq.jobs WHERE id >= vq.uuid7_floor(@Begin) AND id < vq.uuid7_floor(@End) AND finished_at IS NULL)
        """;

    /// <summary>Keeps replays out while it is decided that a month goes; until the transaction ends.</summary>
    public const string LockMonths = "SELECT pg_advisory_xact_lock(@Number)";

    /// <summary>From here on nothing new builds on the month.</summary>
    public const string MarkMonth = "INSERT INTO vq.dropped_months (month) VALUES (@Month) ON CONFLICT DO NOTHING";

    /// <summary>Waits of a session that drops: short for locks, for everything behind it waits too; long for those who still read the month.</summary>
    public const string DropSession = "SET lock_timeout = '3s'; SET statement_timeout = '10min'";

    /// <summary>
    /// The partitioned tables in the order in which a month goes: usage first, so that it is in the days before anything is lost; captions and
    /// boxes before the pages that they refer to; jobs last, because they say whether a month may go.
    /// </summary>
    public static IReadOnlyList<string> Parents { get; } =
    [
        "usage_records", "captions", "boxes", "pages", "segments", "summary_parts", "parse_issues", "job_outputs", "chunk_attempts", "job_stages",
        "chunks", "jobs",
    ];

    /// <summary>Takes a month out of its table; readers and writers of other months go on.</summary>
    public static string Detach(PartitionTable table) => $"ALTER TABLE vq.{table.Parent} DETACH PARTITION vq.{table.Name} CONCURRENTLY";

    /// <summary>Ends a detachment that was broken off.</summary>
    public static string FinishDetach(PartitionTable table) => $"ALTER TABLE vq.{table.Parent} DETACH PARTITION vq.{table.Name} FINALIZE";

    /// <summary>Drops a detached month.</summary>
    public static string Drop(PartitionTable table) => $"DROP TABLE vq.{table.Name}";

    /// <summary>
    /// Adds a detached month of usage to the days. In one transaction with <see cref="Drop"/>, and nobody writes to a detached table: every
    /// row is counted once.
    /// </summary>
    public static string RollUp(PartitionTable table) =>
        $"""
        INSERT INTO vq.usage_daily (tenant_id, day, chunks, executions, engine_us, prompt_tokens, cached_tokens, image_tokens, output_tokens,
          cost_nano, wasted_engine_us)
        SELECT tenant_id, (at AT TIME ZONE 'UTC')::date, count(*) FILTER (WHERE billable), count(*),
          coalesce(sum(engine_us) FILTER (WHERE billable), 0), coalesce(sum(prompt_tokens) FILTER (WHERE billable), 0),
          coalesce(sum(cached_tokens) FILTER (WHERE billable), 0), coalesce(sum(image_tokens) FILTER (WHERE billable), 0),
          coalesce(sum(output_tokens) FILTER (WHERE billable), 0), coalesce(sum(cost_nano) FILTER (WHERE billable), 0),
          coalesce(sum(engine_us) FILTER (WHERE NOT billable), 0)
        FROM vq.{table.Name} GROUP BY 1, 2
        ON CONFLICT (tenant_id, day) DO UPDATE SET chunks = usage_daily.chunks + excluded.chunks,
          executions = usage_daily.executions + excluded.executions, engine_us = usage_daily.engine_us + excluded.engine_us,
          prompt_tokens = usage_daily.prompt_tokens + excluded.prompt_tokens,
          cached_tokens = usage_daily.cached_tokens + excluded.cached_tokens,
          image_tokens = usage_daily.image_tokens + excluded.image_tokens,
          output_tokens = usage_daily.output_tokens + excluded.output_tokens, cost_nano = usage_daily.cost_nano + excluded.cost_nano,
          wasted_engine_us = usage_daily.wasted_engine_us + excluded.wasted_engine_us
        """;
}
