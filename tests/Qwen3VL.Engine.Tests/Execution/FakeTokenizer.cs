using System.Text;
using Qwen3VL.Engine.Tokenization;

namespace Qwen3VL.Engine.Tests.Execution;

/// <summary>Every id below 256 is one byte; 256 ends a turn, 257 and 258 open and close reasoning, as special tokens when asked.</summary>
internal sealed class FakeTokenizer(bool tagsAreSpecial = false) : ITokenizer
{
    public const int End = 256;
    public const int OpenReasoning = 257;
    public const int CloseReasoning = 258;

    public int VocabularySize => 259;

    public int[] Encode(IReadOnlyList<PromptSegment> segments) => [.. segments.SelectMany(segment => Encode(segment.Text, false))];

    public int[] Encode(string text, bool allowSpecial) => [.. Encoding.UTF8.GetBytes(text).Select(value => (int)value)];

    public string Decode(ReadOnlySpan<int> tokenIds, bool skipSpecial)
    {
        var bytes = new List<byte>();
        foreach (int tokenId in tokenIds)
        {
            bytes.AddRange(TokenBytes(tokenId, skipSpecial));
        }

        return Encoding.UTF8.GetString([.. bytes]);
    }

    public ReadOnlySpan<byte> TokenBytes(int tokenId, bool skipSpecial) => tokenId switch
    {
        End => [],
        OpenReasoning or CloseReasoning when tagsAreSpecial && skipSpecial => [],
        OpenReasoning => "<think>"u8,
        CloseReasoning => "</think>"u8,
        _ => new[] { (byte)tokenId },
    };

    public bool TryGetAddedTokenId(string token, out int tokenId)
    {
        tokenId = token switch
        {
            "<think>" => OpenReasoning,
            "</think>" => CloseReasoning,
            _ => -1,
        };
        return tokenId >= 0;
    }
}
