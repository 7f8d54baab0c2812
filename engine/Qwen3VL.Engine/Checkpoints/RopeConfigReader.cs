using System.Globalization;

namespace Qwen3VL.Engine.Checkpoints;

/// <summary>
/// Reads the rotary keys of a <c>text_config</c>: <c>rope_scaling</c> beside <c>rope_theta</c> (transformers 4) or <c>rope_parameters</c>
/// holding both (transformers 5), with <c>type</c> as an older spelling of <c>rope_type</c> (spec 1.3, 7.1).
/// </summary>
internal static class RopeConfigReader
{
    private const double DefaultBetaFast = 32;
    private const double DefaultBetaSlow = 1;

    private static readonly int[] DefaultMropeSection = [24, 20, 20];

    /// <summary>Reads base, sections and scaling.</summary>
    /// <param name="text">The section that holds them.</param>
    /// <param name="headDim">Values of a head.</param>
    /// <param name="maxPositions"><c>max_position_embeddings</c>: the trained context where the scaling names none.</param>
    /// <exception cref="CheckpointException">A key is missing or wrong, the kind of scaling is not one the family uses, or the two spellings disagree.</exception>
    internal static (double Theta, IReadOnlyList<int> Section, YarnScaling? Yarn) Read(ConfigSection text, int headDim, int maxPositions)
    {
        ConfigSection? scaling = text.TrySection("rope_scaling");
        ConfigSection? parameters = text.TrySection("rope_parameters");
        ConfigSection rope = parameters ?? scaling ?? throw text.Wrong("rope_scaling", "an object (or rope_parameters)", "nothing");
        double theta = (parameters is not null && parameters.Has("rope_theta") ? parameters : text).PositiveDouble("rope_theta");
        if (parameters is not null && text.Has("rope_theta") && text.PositiveDouble("rope_theta") != theta)
        {
            throw text.Wrong("rope_theta", "that of rope_parameters, or absent", "another base");
        }

        text.Know("rope_theta");
        (IReadOnlyList<int> section, YarnScaling? yarn) = ReadScaling(rope, theta, headDim, maxPositions);

        // The two releases of the reference would each believe one of them.
        if (parameters is not null && scaling is not null)
        {
            (IReadOnlyList<int> otherSection, YarnScaling? otherYarn) = ReadScaling(scaling, theta, headDim, maxPositions);
            if (!section.SequenceEqual(otherSection) || yarn != otherYarn)
            {
                throw text.Wrong("rope_scaling", "what rope_parameters says, or absent", "another kind, section or scaling");
            }
        }

        return (theta, section, yarn);
    }

    private static (IReadOnlyList<int> Section, YarnScaling? Yarn) ReadScaling(ConfigSection rope, double theta, int headDim, int maxPositions)
    {
        string kind = rope.TryString("rope_type") ?? rope.TryString("type") ?? "default";
        rope.Know("type");
        if (rope.Has("mrope_interleaved") && !rope.Boolean("mrope_interleaved"))
        {
            throw rope.Wrong("mrope_interleaved", "true", "false");
        }

        if (rope.DoubleOr("partial_rotary_factor", 1) is var partial && partial != 1)
        {
            throw rope.Wrong("partial_rotary_factor", "1", partial.ToString(CultureInfo.InvariantCulture));
        }

        YarnScaling? yarn = kind switch
        {
            "default" => null,
            "yarn" => ReadYarn(rope, theta, maxPositions),
            _ => throw rope.Wrong("rope_type", "default or yarn", kind),
        };
        return (ReadSection(rope, headDim), yarn);
    }

    private static IReadOnlyList<int> ReadSection(ConfigSection rope, int headDim)
    {
        IReadOnlyList<int> section = rope.Has("mrope_section") ? rope.Int32List("mrope_section") : DefaultMropeSection;
        return section.Count == 3 && section.All(count => count >= 0) && section.Sum(count => (long)count) == headDim / 2
            ? section
            : throw rope.Wrong("mrope_section", $"three counts that sum to head_dim / 2 = {headDim / 2}", string.Join(", ", section));
    }

    private static YarnScaling ReadYarn(ConfigSection rope, double theta, int maxPositions)
    {
        double factor = rope.PositiveDouble("factor");
        if (factor < 1)
        {
            throw rope.Wrong("factor", "at least 1", factor.ToString(CultureInfo.InvariantCulture));
        }

        // The ramp divides by the logarithm of the base.
        if (theta <= 1)
        {
            throw rope.Wrong("rope_theta", "above 1 for YaRN", theta.ToString(CultureInfo.InvariantCulture));
        }

        var yarn = new YarnScaling
        {
            Factor = factor,
            OriginalMaxPositions = rope.PositiveInt32Or("original_max_position_embeddings", int.MaxValue, maxPositions),
            BetaFast = PositiveOr(rope, "beta_fast", DefaultBetaFast),
            BetaSlow = PositiveOr(rope, "beta_slow", DefaultBetaSlow),
            AttentionFactor = ReadAttentionFactor(rope, factor),
            Truncate = rope.BooleanOr("truncate", true),
        };
        return yarn.BetaFast >= yarn.BetaSlow
            ? yarn
            : throw rope.Wrong("beta_fast", $"at least beta_slow = {yarn.BetaSlow}", yarn.BetaFast.ToString(CultureInfo.InvariantCulture));
    }

    private static double ReadAttentionFactor(ConfigSection rope, double factor)
    {
        double scale = PositiveOr(rope, "mscale", 0);
        double scaleAllDim = PositiveOr(rope, "mscale_all_dim", 0);
        return rope.Has("attention_factor") ? rope.PositiveDouble("attention_factor")
            : scale > 0 && scaleAllDim > 0 ? AttentionScale(factor, scale) / AttentionScale(factor, scaleAllDim)
            : AttentionScale(factor, 1);
    }

    private static double AttentionScale(double factor, double scale) => factor <= 1 ? 1 : 0.1 * scale * Math.Log(factor) + 1;

    // The reference takes zero for absent.
    private static double PositiveOr(ConfigSection rope, string key, double fallback) =>
        rope.DoubleOr(key, 0) == 0 ? fallback : rope.PositiveDouble(key);
}
