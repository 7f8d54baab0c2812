namespace Qwen3VL.Engine.Contract.Serving;

/// <summary>What came out for one request.</summary>
/// <param name="Result">The result.</param>
/// <param name="Logits">The logits of each output token, before penalties.</param>
internal sealed record ServedAnswer(GenerationResult Result, IReadOnlyList<float[]> Logits);
