using Qwen3VL.Batch.Contracts.V1;

namespace Qwen3VL.Batch.Worker.Submission;

/// <summary>One line of a manifest: a <see cref="SubmitJob"/> whose parts have defaults.</summary>
internal sealed record ManifestEntry
{
    /// <summary>The file; the only part that must be there.</summary>
    public required JobSource Source { get; init; }

    /// <summary>What it is; left out: found out.</summary>
    public JobKind? Kind { get; init; }

    /// <summary>What is asked; left out: the usual tasks of its kind.</summary>
    public IReadOnlyList<JobTask> Tasks { get; init; } = [];

    /// <summary>How.</summary>
    public JobOptions Options { get; init; } = new();

    /// <summary>Left out: made from content, tasks and options.</summary>
    public string? IdempotencyKey { get; init; }

    /// <summary>0..9.</summary>
    public int Priority { get; init; } = 5;

    /// <summary>After this it is not worth doing.</summary>
    public DateTimeOffset? DeadlineAt { get; init; }
}
