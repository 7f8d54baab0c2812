namespace Qwen3VL.Batch.Migrations;

/// <summary>Statements of the runner itself.</summary>
internal static class MigrationSql
{
    /// <summary>The number names migrations of this schema among the advisory locks of the database.</summary>
    public const string TryLock = "SELECT pg_try_advisory_lock(7310450230)";

    /// <summary>Outside the schema <c>vq</c>, which the first script creates.</summary>
    public const string CreateHistory =
        """
        CREATE TABLE IF NOT EXISTS public.schema_migrations (
          version     int         NOT NULL PRIMARY KEY,
          name        text        NOT NULL,
          sha256      text        NOT NULL,
          applied_at  timestamptz NOT NULL DEFAULT now(),
          duration_ms bigint      NOT NULL
        )
        """;

    /// <summary>Whether anything was ever applied.</summary>
    public const string HistoryExists = "SELECT to_regclass('public.schema_migrations') IS NOT NULL";

    /// <summary>Applied scripts in order.</summary>
    public const string ReadHistory = "SELECT version, name, sha256, applied_at, duration_ms FROM public.schema_migrations ORDER BY version";

    /// <summary>Notes that a script was applied.</summary>
    public const string Record =
        """
        INSERT INTO public.schema_migrations (version, name, sha256, duration_ms)
        VALUES (@version, @name, @sha256, @duration)
        RETURNING applied_at
        """;

    /// <summary>Names of invalid indexes of the schema, null when all are valid.</summary>
    public const string InvalidIndexes =
        """
        SELECT string_agg(i.indexrelid::regclass::text, ', ')
        FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname = 'vq' AND NOT i.indisvalid
        """;

    /// <summary>Partitions of the coming months.</summary>
    public const string EnsurePartitions = "SELECT vq.ensure_partitions(@months)";
}
