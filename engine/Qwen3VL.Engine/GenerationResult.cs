namespace Qwen3VL.Engine;

/// <summary>The end of one request.</summary>
/// <param name="Text">The generated text, special tokens removed.</param>
/// <param name="Reasoning">What a Thinking checkpoint wrote before its answer; empty for Instruct.</param>
/// <param name="OutputTokenIds">Checkpoint ids of the generated tokens, the end token included.</param>
/// <param name="FinishReason">Why it ended.</param>
/// <param name="Usage">Token counts.</param>
/// <param name="Media">What the model saw of each image or clip, in request order: for provenance of boxes and times.</param>
public sealed record GenerationResult(
    string Text,
    string Reasoning,
    IReadOnlyList<int> OutputTokenIds,
    FinishReason FinishReason,
    GenerationUsage Usage,
    IReadOnlyList<SeenMedia> Media)
{
    /// <summary>One entry for each of <see cref="OutputTokenIds"/>; empty unless the request asks for them.</summary>
    public IReadOnlyList<TokenLogProbability> OutputLogProbabilities { get; init; } = [];

    /// <summary>
    /// Entry i is that of prompt token i given tokens 0 to i - 1, placeholders of media included; the first is null, nothing stands before
    /// it. Empty unless the request asks for them; shorter than the prompt when the request was aborted before its prompt was computed.
    /// </summary>
    public IReadOnlyList<TokenLogProbability?> PromptLogProbabilities { get; init; } = [];
}
