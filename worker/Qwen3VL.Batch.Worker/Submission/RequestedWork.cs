using Qwen3VL.Batch.Contracts.V1;

namespace Qwen3VL.Batch.Worker.Submission;

/// <summary>What is wanted of one file or URL, before its content is looked at.</summary>
internal sealed record RequestedWork
{
    /// <summary>The file or URL.</summary>
    public required SelectedSource Source { get; init; }

    /// <summary>Hash that its content must have; null: the file's own, or for a URL whatever comes.</summary>
    public string? Sha256 { get; init; }

    /// <summary>What it is; null: find out, of a URL by the ending of its path.</summary>
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
