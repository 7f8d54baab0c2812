using Qwen3VL.Batch.Contracts.V1;

namespace Qwen3VL.Batch.Worker.Submission;

/// <summary>What is wanted of one file, before its content is looked at.</summary>
internal sealed record RequestedWork
{
    /// <summary>The file.</summary>
    public required SelectedSource Source { get; init; }

    /// <summary>What it is; null: find out.</summary>
    public JobKind? Kind { get; init; }

    /// <summary>What is asked; empty: the usual tasks of its kind.</summary>
    public IReadOnlyList<JobTask> Tasks { get; init; } = [];

    /// <summary>How.</summary>
    public JobOptions Options { get; init; } = new();

    /// <summary>Idempotency key; null: made from content, tasks and options.</summary>
    public string? Key { get; init; }

    /// <summary>Without a key: a job of its own even where the same work was asked for before.</summary>
    public bool Again { get; init; }

    /// <summary>0..9.</summary>
    public int Priority { get; init; } = 5;

    /// <summary>After this it is not worth doing.</summary>
    public DateTimeOffset? DeadlineAt { get; init; }
}
