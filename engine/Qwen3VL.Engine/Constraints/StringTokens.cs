using System.Runtime.Intrinsics;
using Qwen3VL.Engine.Sampling;

namespace Qwen3VL.Engine.Constraints;

/// <summary>
/// What every token does from one state inside a string body, whatever stands around the string: how many characters of it the token takes
/// when it stays inside, and where in the tree of tokens the closing quotation mark stands when it does not. Most tokens of a vocabulary stay
/// inside, so a mask there is one comparison for each token instead of a walk. Immutable.
/// </summary>
internal sealed class StringTokens
{
    // No string has room for it.
    private const byte Leaves = byte.MaxValue;

    private readonly byte[] _characters;
    private readonly List<(int Node, int Characters)> _exits = [];

    /// <summary>Walks the tree once.</summary>
    /// <param name="trie">The tokens.</param>
    /// <param name="body">State of the string body.</param>
    public StringTokens(TokenTrie trie, int body)
    {
        _characters = new byte[(trie.NumTokens + Vector512<byte>.Count - 1) / Vector512<byte>.Count * Vector512<byte>.Count];
        Array.Fill(_characters, Leaves);
        var path = new (int Body, int Characters)[trie.MaxDepth + 1];
        path[0] = (body, 0);
        for (int node = 0; node < trie.NumNodes;)
        {
            int depth = trie.Depth(node);
            (int from, int characters) = path[depth - 1];
            int next = StringBody.Next(from, trie.Label(node));
            if (next < 0)
            {
                if (from == StringBody.Start && trie.Label(node) == '"')
                {
                    _exits.Add((node, characters));
                }

                node = trie.End(node);
                continue;
            }

            path[depth] = (next, characters + (next == StringBody.Start ? 1 : 0));
            if (trie.TokenId(node) >= 0)
            {
                // A character that has begun needs its room, too.
                int room = path[depth].Characters + (next == StringBody.Start ? 0 : 1);
                _characters[trie.TokenId(node)] = (byte)Math.Min(room, Leaves);
            }

            node++;
        }
    }

    /// <summary>Nodes whose byte is the closing quotation mark, with the characters before it.</summary>
    public IReadOnlyList<(int Node, int Characters)> Exits => _exits;

    /// <summary>Adds the tokens that stay inside and take at most so many characters.</summary>
    public void AddInside(TokenMask mask, int room)
    {
        Span<ulong> words = mask.Words;
        Vector512<byte> most = Vector512.Create((byte)Math.Min(room, Leaves - 1));
        ReadOnlySpan<byte> characters = _characters;
        for (int word = 0; word < words.Length; word++)
        {
            Vector512<byte> taken = Vector512.Create(characters.Slice(word * Vector512<byte>.Count, Vector512<byte>.Count));
            words[word] |= Vector512.LessThanOrEqual(taken, most).ExtractMostSignificantBits();
        }
    }
}
