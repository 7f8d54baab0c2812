using Qwen3VL.Engine.Tokenization;

namespace Qwen3VL.Engine.Tests.Docs;

/// <summary>The released tokenizer's ids of the few texts in engine/docs/multimodal.md: the page is checked where the tokenizer itself is not at hand.</summary>
internal sealed class RecordedTokenizer : ITokenizer
{
    public static IReadOnlyDictionary<string, int[]> Texts { get; } = new Dictionary<string, int[]>(StringComparer.Ordinal)
    {
        ["<|im_start|>user\n"] = [151644, 872, 198],
        ["Read the page.<|im_end|>\n<|im_start|>assistant\n"] = [4418, 279, 2150, 13, 151645, 198, 151644, 77091, 198],
        ["What happens?<|im_end|>\n<|im_start|>assistant\n"] = [3838, 8573, 30, 151645, 198, 151644, 77091, 198],
    };

    public int VocabularySize => 151669;

    public int[] Encode(IReadOnlyList<PromptSegment> segments) => Texts[string.Concat(segments.Select(segment => segment.Text))];

    public int[] Encode(string text, bool allowSpecial)
    {
        // A time such as "<10.9 seconds>": one token for each digit and point between the two ends.
        const string End = " seconds>";
        if (!text.StartsWith('<') || !text.EndsWith(End, StringComparison.Ordinal))
        {
            throw new KeyNotFoundException("only texts of the page and times are recorded");
        }

        return [27, .. text[1..^End.Length].Select(unit => unit == '.' ? 13 : 15 + (unit - '0')), 6486, 29];
    }

    public string Decode(ReadOnlySpan<int> tokenIds, bool skipSpecial) => throw new NotSupportedException("only encoding is recorded");

    public ReadOnlySpan<byte> TokenBytes(int tokenId, bool skipSpecial) => throw new NotSupportedException("only encoding is recorded");

    public bool TryGetAddedTokenId(string token, out int tokenId) => throw new NotSupportedException("only encoding is recorded");
}
