namespace Qwen3VL.Engine.Checkpoints;

/// <summary>
/// The YaRN keys of <c>rope_scaling</c> or <c>rope_parameters</c> (B. Peng et al., YaRN: Efficient Context Window Extension of Large Language
/// Models; spec 7.1; huggingface/transformers v4.57.6, modeling_rope_utils.py, _compute_yarn_parameters).
/// </summary>
/// <remarks>
/// The factor is the one the file states. Releases of the reference differ where the file states the trained context too: some put
/// <c>max_position_embeddings</c> over <c>original_max_position_embeddings</c> in its place, others only warn. The published setting for a
/// million tokens is such a file, 3 beside 1000000 / 262144, and means 3.
/// </remarks>
public sealed record YarnScaling
{
    /// <summary><c>factor</c>: how many times longer the context becomes; at least 1.</summary>
    public required double Factor { get; init; }

    /// <summary>Whether the factor is the configured context over the trained one, give or take a rounding.</summary>
    /// <param name="maxPositions"><c>max_position_embeddings</c>.</param>
    internal bool MatchesContext(int maxPositions) =>
        OriginalMaxPositions == maxPositions || Math.Abs(Factor * OriginalMaxPositions - maxPositions) < 0.01 * maxPositions;

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
