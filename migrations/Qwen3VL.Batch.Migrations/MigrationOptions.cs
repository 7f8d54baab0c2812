namespace Qwen3VL.Batch.Migrations;

/// <summary>How long migrations wait for others.</summary>
public sealed record MigrationOptions
{
    /// <summary>Longest wait for another process that migrates the same database.</summary>
    public TimeSpan LockTimeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>
    /// Longest wait of one statement for a table lock. Short on purpose: while it waits, every query behind it waits too. A script that hits
    /// it is tried again until <see cref="LockTimeout"/>.
    /// </summary>
    public TimeSpan StatementLockTimeout { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>Time between two tries to get the lock.</summary>
    public TimeSpan PollInterval { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>Months of partitions made ahead of now.</summary>
    public int PartitionMonthsAhead { get; init; } = 2;

    /// <summary>
    /// Whether the roles of <see cref="DatabaseRoles"/> are made and the schema is handed over to them. Without it the rights are only renewed,
    /// where there are roles.
    /// </summary>
    public bool CreateRoles { get; init; }

    /// <summary>Users to be made with the roles.</summary>
    public IReadOnlyList<RoleLogin> Logins { get; init; } = [];
}
