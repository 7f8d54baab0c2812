namespace Qwen3VL.Batch.Worker.Diagnosis;

/// <summary>What a session of the program's own finds at the server.</summary>
internal sealed record SessionFacts
{
    /// <summary>The statement that fills this record. Transactions of other users are seen only with the right to see them.</summary>
    public const string Sql =
        """
        SELECT current_setting('TimeZone') AS TimeZone, current_setting('synchronous_commit') AS SynchronousCommit,
          current_setting('default_transaction_read_only') = 'on' OR pg_is_in_recovery() AS ReadOnly,
          (SELECT setting::bigint FROM pg_settings WHERE name = 'statement_timeout') AS StatementTimeoutMs,
          (SELECT setting::bigint FROM pg_settings WHERE name = 'idle_in_transaction_session_timeout') AS IdleTimeoutMs,
          clock_timestamp() AS ServerTime, (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) AS Superuser,
          coalesce((SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()), false) AS Encrypted,
          coalesce((SELECT extract(epoch FROM clock_timestamp() - min(xact_start)) FROM pg_stat_activity
            WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'
              AND (backend_xmin IS NOT NULL OR state LIKE 'idle in transaction%')), 0)::float8 AS OldestTransactionSeconds
        """;

    /// <summary>Time zone of sessions.</summary>
    public string TimeZone { get; init; } = "";

    /// <summary>When a commit is said to be done.</summary>
    public string SynchronousCommit { get; init; } = "";

    /// <summary>Nothing can be written.</summary>
    public bool ReadOnly { get; init; }

    /// <summary>Longest statement; 0 for no limit.</summary>
    public long StatementTimeoutMs { get; init; }

    /// <summary>Longest idling inside a transaction; 0 for no limit.</summary>
    public long IdleTimeoutMs { get; init; }

    /// <summary>The server's clock, UTC.</summary>
    public DateTime ServerTime { get; init; }

    /// <summary>The user may do everything.</summary>
    public bool Superuser { get; init; }

    /// <summary>The connection is encrypted.</summary>
    public bool Encrypted { get; init; }

    /// <summary>Age of the oldest transaction of others that is seen.</summary>
    public double OldestTransactionSeconds { get; init; }
}
