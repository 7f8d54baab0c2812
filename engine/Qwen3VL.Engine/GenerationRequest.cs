using System.Text.Json;

namespace Qwen3VL.Engine;

/// <summary>One chat request.</summary>
public sealed record GenerationRequest
{
    /// <summary>The chat so far; media come before the text in a user turn.</summary>
    public required IReadOnlyList<ChatMessage> Messages { get; init; }

    /// <summary>
    /// Functions that the model may call: JSON objects, usually of the form <c>{"type": "function", "function": {"name": ...}}</c>, shown as they
    /// are. Untrusted text: no special token is read in them. Their document stays open until the request is submitted.
    /// </summary>
    public IReadOnlyList<JsonElement> Tools { get; init; } = [];

    /// <summary>Whether images and clips are numbered in the prompt (<c>Picture 1: </c>, <c>Video 1: </c>), so that text can name them.</summary>
    public bool AddVisionId { get; init; }

    /// <summary>How tokens are chosen.</summary>
    public SamplingParameters Sampling { get; init; } = SamplingParameters.Greedy;

    /// <summary>Most tokens to generate; at least 1.</summary>
    public int MaxOutputTokens { get; init; } = 1024;

    /// <summary>Strings that end the text; not part of the result.</summary>
    public IReadOnlyList<string> StopStrings { get; init; } = [];

    /// <summary>What the answer must look like; null leaves it free.</summary>
    public OutputConstraint? Constraint { get; init; }

    /// <summary>Most probable alternatives reported with the log-probability of each output token, 0..20; null reports none at all.</summary>
    public int? OutputLogProbabilities { get; init; }

    /// <summary>
    /// The same for each prompt token. Such a request computes its whole prompt: it does not read the prefix cache, though others may read
    /// what it leaves there.
    /// </summary>
    public int? PromptLogProbabilities { get; init; }

    /// <summary>Pixel bounds of this request's images; null uses the model's.</summary>
    public ImageBounds? ImageBounds { get; init; }

    /// <summary>Pixel bounds of this request's clips; null uses the model's.</summary>
    public VideoBounds? VideoBounds { get; init; }
}
