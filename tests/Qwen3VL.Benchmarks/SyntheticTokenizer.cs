using System.Text;
using Qwen3VL.Engine.Tokenization;

namespace Qwen3VL.Benchmarks;

/// <summary>A vocabulary of the released size where the released one is not at hand: all bytes, then words, some behind a space, some with punctuation.</summary>
internal sealed class SyntheticTokenizer : ITokenizer
{
    private readonly byte[][] _tokens;

    internal SyntheticTokenizer(int size)
    {
        var random = new Random(2);
        var tokens = new HashSet<string>(StringComparer.Ordinal);
        while (tokens.Count < size - 256)
        {
            int length = 2 + random.Next(8);
            string word = string.Concat(Enumerable.Range(0, length).Select(_ => (char)('a' + (random.Next(26) * random.Next(26) / 26))));
            tokens.Add((random.Next(2) == 0 ? " " : "") + word + (random.Next(20) == 0 ? "\"," : ""));
        }

        _tokens = [.. Enumerable.Range(0, 256).Select(value => new[] { (byte)value }), .. tokens.Select(Encoding.UTF8.GetBytes)];
    }

    public int VocabularySize => _tokens.Length;

    public int[] Encode(IReadOnlyList<PromptSegment> segments) => throw new NotSupportedException();

    public int[] Encode(string text, bool allowSpecial) => throw new NotSupportedException();

    public string Decode(ReadOnlySpan<int> tokenIds, bool skipSpecial) => throw new NotSupportedException();

    public ReadOnlySpan<byte> TokenBytes(int tokenId, bool skipSpecial) => _tokens[tokenId];

    public bool TryGetAddedTokenId(string token, out int tokenId)
    {
        tokenId = -1;
        return false;
    }
}
