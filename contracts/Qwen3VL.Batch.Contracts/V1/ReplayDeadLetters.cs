namespace Qwen3VL.Batch.Contracts.V1;

/// <summary>
/// Command: do again what was given up. Either <see cref="Ids"/> or <see cref="Filter"/> says which dead letters; those that are not open any
/// more are left alone, so repeating the command is safe. At most 1,000 at once.
/// </summary>
public sealed record ReplayDeadLetters
{
    /// <summary>Version of the body; 1.</summary>
    public int SchemaVersion { get; init; } = 1;

    /// <summary>Whose dead letters; those of another tenant are not touched.</summary>
    public long TenantId { get; init; }

    /// <summary>When the client made the command.</summary>
    public DateTimeOffset OccurredAt { get; init; }

    /// <summary>Chosen by the client: one follow-up job for each job and replay, however often the command comes.</summary>
    public required Guid ReplayId { get; init; }

    /// <summary>Who asks, for the audit; 1..200 characters.</summary>
    public required string RequestedBy { get; init; }

    /// <summary>Which dead letters, 1..1,000; empty when there is a filter.</summary>
    public IReadOnlyList<Guid> Ids { get; init; } = [];

    /// <summary>Which dead letters, by what they have in common; null when there are ids.</summary>
    public DeadLetterFilter? Filter { get; init; }

    /// <summary>What follow-up jobs do differently; null: nothing.</summary>
    public ReplayChanges? Changes { get; init; }

    /// <summary>Also those that were replayed three times already.</summary>
    public bool Force { get; init; }
}
