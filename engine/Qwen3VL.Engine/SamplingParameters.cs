using System.Collections.ObjectModel;

namespace Qwen3VL.Engine;

/// <summary>How the next token is chosen. The default is greedy decoding.</summary>
public sealed record SamplingParameters
{
    /// <summary>Greedy decoding.</summary>
    public static SamplingParameters Greedy { get; } = new();

    /// <summary>0 is greedy; otherwise logits are divided by it. 0..100.</summary>
    public double Temperature { get; init; }

    /// <summary>Keep only the k most probable tokens; 0 keeps all.</summary>
    public int TopK { get; init; }

    /// <summary>Keep the smallest set of tokens whose probability reaches this. (0, 1].</summary>
    public double TopP { get; init; } = 1;

    /// <summary>Drop tokens less probable than this times the most probable one. [0, 1).</summary>
    public double MinP { get; init; }

    /// <summary>Divides positive and multiplies negative logits of tokens already seen (prompt and output). 0.01..100; 1 is off.</summary>
    public double RepetitionPenalty { get; init; } = 1;

    /// <summary>Subtracted once from the logit of each token already generated. -2..2.</summary>
    public double PresencePenalty { get; init; }

    /// <summary>Subtracted from the logit of each token for every time it was generated. -2..2.</summary>
    public double FrequencyPenalty { get; init; }

    /// <summary>
    /// Added to the logits of tokens, by checkpoint id: -100..100, at most 1,024 entries. Applied before the penalties, as raw logits are
    /// what is biased.
    /// </summary>
    public IReadOnlyDictionary<int, double> LogitBias { get; init; } = ReadOnlyDictionary<int, double>.Empty;

    /// <summary>Checkpoint ids that are never chosen.</summary>
    public IReadOnlyCollection<int> BannedTokenIds { get; init; } = [];

    /// <summary>The only checkpoint ids that may be chosen; null allows all. Without an end token among them the answer runs to its limit.</summary>
    public IReadOnlyCollection<int>? AllowedTokenIds { get; init; }

    /// <summary>Seed of this sequence's random numbers; equal seeds give equal text whatever else is in the batch.</summary>
    public ulong Seed { get; init; }
}
