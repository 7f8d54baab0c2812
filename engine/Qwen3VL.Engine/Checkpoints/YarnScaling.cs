namespace Qwen3VL.Engine.Checkpoints;

/// <summary>
/// The YaRN keys of <c>rope_scaling</c> or <c>rope_parameters</c> (B. Peng et al., YaRN: Efficient Context Window Extension of Large Language
/// Models; spec 7.1; huggingface/transformers v4.57.6, modeling_rope_utils.py, _compute_yarn_parameters).
/// </summary>
public sealed record YarnScaling
{
    /// <summary><c>factor</c>: how many times longer the context becomes; at least 1.</summary>
    public required double Factor { get; init; }

    /// <summary><c>original_max_position_embeddings</c>: the context the model was trained with.</summary>
    public required int OriginalMaxPositions { get; init; }

    /// <summary><c>beta_fast</c>: rotations over the trained context from which a frequency is left as it is.</summary>
    public required double BetaFast { get; init; }

    /// <summary><c>beta_slow</c>: rotations up to which a frequency is divided by the factor.</summary>
    public required double BetaSlow { get; init; }

    /// <summary>Factor of cosines and sines: <c>attention_factor</c>, or what follows from the factor and <c>mscale</c>.</summary>
    public required double AttentionFactor { get; init; }

    /// <summary><c>truncate</c>: whether the ends of the ramp are rounded outwards to whole frequencies.</summary>
    public required bool Truncate { get; init; }
}
