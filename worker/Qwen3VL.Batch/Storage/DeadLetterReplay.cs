using Qwen3VL.Batch.Contracts.V1;

namespace Qwen3VL.Batch.Storage;

/// <summary>What is to be replayed, and how.</summary>
internal sealed record DeadLetterReplay
{
    /// <summary>How often one dead letter is replayed without <see cref="Force"/>.</summary>
    public const int MaxReplays = 3;

    /// <summary>Which ones. Only open ones are replayed; with ids the others are reported too.</summary>
    public required DeadLetterQuery Query { get; init; }

    /// <summary>One follow-up job for each job and replay id.</summary>
    public required Guid ReplayId { get; init; }

    /// <summary>Who, for the audit.</summary>
    public required string Actor { get; init; }

    /// <summary>What follow-up jobs do differently.</summary>
    public ReplayChanges Changes { get; init; } = new();

    /// <summary>Says what would happen, and does nothing.</summary>
    public bool DryRun { get; init; }

    /// <summary>Also what was replayed <see cref="MaxReplays"/> times.</summary>
    public bool Force { get; init; }

    /// <summary>Follow-up jobs and messages a second.</summary>
    public double PerSecond { get; init; } = 100;

    /// <summary>Told each outcome as soon as it holds, in the order of the answer: a replay may take long, and may be cut short.</summary>
    public Action<ReplayedLetter> Answered { get; init; } = static _ => { };
}
