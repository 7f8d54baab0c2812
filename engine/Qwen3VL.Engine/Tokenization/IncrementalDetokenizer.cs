using System.Text;

namespace Qwen3VL.Engine.Tokenization;

/// <summary>
/// Text of token ids as they are generated. What it hands out never ends inside a UTF-8 character, and all of it joined, the flush included,
/// equals <see cref="ITokenizer.Decode"/> of all ids. One sequence, one thread.
/// </summary>
/// <param name="tokenizer">Gives the bytes of the tokens.</param>
/// <param name="skipSpecial">Whether special tokens are dropped.</param>
internal sealed class IncrementalDetokenizer(ITokenizer tokenizer, bool skipSpecial = true)
{
    private const int StackCharacters = 256;

    private readonly Decoder _decoder = Encoding.UTF8.GetDecoder();

    /// <summary>Takes one more token; returns the characters that are complete now, often none.</summary>
    public string Append(int tokenId) => Take(tokenizer.TokenBytes(tokenId, skipSpecial), flush: false);

    /// <summary>Ends the text: U+FFFD when it stops inside a character, else nothing. The detokenizer can then start a new text.</summary>
    public string Flush() => Take([], flush: true);

    private string Take(ReadOnlySpan<byte> bytes, bool flush)
    {
        int maxCharacters = Encoding.UTF8.GetMaxCharCount(bytes.Length);
        Span<char> characters = maxCharacters <= StackCharacters ? stackalloc char[StackCharacters] : new char[maxCharacters];
        return characters[.._decoder.GetChars(bytes, characters, flush)].ToString();
    }
}
