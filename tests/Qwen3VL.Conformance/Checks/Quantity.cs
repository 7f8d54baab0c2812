namespace Qwen3VL.Conformance.Checks;

/// <summary>What a compared number is, for the report's columns.</summary>
internal enum Quantity
{
    /// <summary>An embedding, a DeepStack feature, a layer output, a probability.</summary>
    Feature,

    /// <summary>A logit.</summary>
    Logit,

    /// <summary>A log-probability.</summary>
    LogProbability,
}
