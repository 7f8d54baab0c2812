using Qwen3VL.Engine;

namespace Qwen3VL.TestKit.Fakes;

/// <summary>What <see cref="FakeInferenceEngine"/> answers.</summary>
/// <param name="Text">The text.</param>
/// <param name="FinishReason">Why it ends.</param>
/// <param name="Hangs">Never ends by itself: only an abort completes it.</param>
/// <param name="Refused">The request fails with this.</param>
public sealed record FakeAnswer(
    string Text,
    FinishReason FinishReason = FinishReason.Stop,
    bool Hangs = false,
    InvalidRequestException? Refused = null)
{
    public static implicit operator FakeAnswer(string text) => new(text);

    public static FakeAnswer FromString(string text) => new(text);
}
