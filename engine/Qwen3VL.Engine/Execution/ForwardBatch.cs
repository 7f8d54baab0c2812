using Qwen3VL.Engine.Backends;


namespace Qwen3VL.Engine.Execution;

/// <summary>
/// Everything one step computes, flat: the scheduled tokens of all sequences behind each other. Built fresh each step; the arrays may be
/// longer than the counts so that they can be reused.
/// </summary>
public sealed class ForwardBatch
{
    /// <summary>Scheduled tokens of the step.</summary>
    public required int NumTokens { get; init; }

    /// <summary><c>[tokens]</c> checkpoint ids; placeholder ids where a vision row stands.</summary>
    public required int[] TokenIds { get; init; }

    /// <summary><c>[3, tokens]</c> row-major with stride <see cref="NumTokens"/>: T, H, W positions.</summary>
    public required int[] Positions { get; init; }

    /// <summary><c>[tokens]</c> slot (block id * 16 + offset) that receives each token's key and value.</summary>
    public required int[] Slots { get; init; }

    /// <summary>Which token sees which keys.</summary>
    public required AttentionBatch Attention { get; init; }

    /// <summary>Where vision rows replace embeddings and where DeepStack features are added.</summary>
    public required IReadOnlyList<VisionRows> Vision { get; init; }

    /// <summary>Rows of the batch whose logits are wanted, ascending.</summary>
    public required int[] LogitRows { get; init; }

    /// <summary>Rows whose logits are reduced to the log-probability of a prompt token; null when there are none.</summary>
    internal PromptRows? PromptRows { get; init; }
}
