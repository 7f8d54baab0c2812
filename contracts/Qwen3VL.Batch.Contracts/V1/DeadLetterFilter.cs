namespace Qwen3VL.Batch.Contracts.V1;

/// <summary>Open dead letters that have all of the given things in common; at least one is given.</summary>
public sealed record DeadLetterFilter
{
    /// <summary>Of this job.</summary>
    public Guid? JobId { get; init; }

    /// <summary>With this error code.</summary>
    public string? Code { get; init; }

    /// <summary>Of this kind.</summary>
    public DeadLetterSource? Source { get; init; }

    /// <summary>Seen last at this instant or later.</summary>
    public DateTimeOffset? Since { get; init; }
}
