using Qwen3VL.Engine.Tokenization;

namespace Qwen3VL.TestKit.Cases;

/// <summary>A tokenizer for checkpoints that have none: every id is the empty text.</summary>
public sealed class SilentTokenizer : ITokenizer
{
    private SilentTokenizer()
    {
    }

    /// <summary>The one there is.</summary>
    public static SilentTokenizer Instance { get; } = new();

    /// <inheritdoc/>
    public int VocabularySize => int.MaxValue;

    /// <inheritdoc/>
    public int[] Encode(IReadOnlyList<PromptSegment> segments) => throw new NotSupportedException("this checkpoint has no tokenizer");

    /// <inheritdoc/>
    public int[] Encode(string text, bool allowSpecial) => throw new NotSupportedException("this checkpoint has no tokenizer");

    /// <inheritdoc/>
    public string Decode(ReadOnlySpan<int> tokenIds, bool skipSpecial) => "";

    /// <inheritdoc/>
    public ReadOnlySpan<byte> TokenBytes(int tokenId, bool skipSpecial) => [];

    /// <inheritdoc/>
    public bool TryGetAddedTokenId(string token, out int tokenId)
    {
        tokenId = -1;
        return false;
    }
}
