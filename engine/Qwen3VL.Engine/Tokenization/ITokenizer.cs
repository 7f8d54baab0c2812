namespace Qwen3VL.Engine.Tokenization;

/// <summary>Text to checkpoint token ids and back. Thread-safe.</summary>
public interface ITokenizer
{
    /// <summary>One more than the largest id that names a token.</summary>
    int VocabularySize { get; }

    /// <summary>
    /// Encodes neighbouring segments as one text: only <see cref="PromptSegmentKind.Markup"/> may contain special tokens, yet words join
    /// across the border of two segments exactly as they would in one string. Media segments are not allowed here.
    /// </summary>
    int[] Encode(IReadOnlyList<PromptSegment> segments);

    /// <summary>Encodes one text. With <paramref name="allowSpecial"/> false, special tokens in it are plain characters.</summary>
    int[] Encode(string text, bool allowSpecial);

    /// <summary>Decodes whole ids; invalid UTF-8 becomes U+FFFD. Special tokens are dropped when <paramref name="skipSpecial"/>.</summary>
    string Decode(ReadOnlySpan<int> tokenIds, bool skipSpecial);

    /// <summary>The raw UTF-8 bytes of one token, empty for a dropped special token: for incremental decoding.</summary>
    ReadOnlySpan<byte> TokenBytes(int tokenId, bool skipSpecial);

    /// <summary>The id of an added token such as <c>&lt;|im_end|&gt;</c>.</summary>
    bool TryGetAddedTokenId(string token, out int tokenId);
}
