using System.Text;
using Qwen3VL.Engine.Tokenization;

namespace Qwen3VL.Engine.Constraints;

/// <summary>
/// The bytes of all tokens of text as a tree, laid out so that a walk is a scan: children stand behind their parent, and each node knows
/// where its subtree ends. Added tokens (ends of turns, placeholders, tags) are not in it: they are no text. Built once for a tokenizer.
/// </summary>
internal sealed class TokenTrie
{
    private readonly byte[] _labels;
    private readonly ushort[] _depths;
    private readonly int[] _ends;
    private readonly int[] _tokenIds;
    private readonly List<(int TokenId, int Twin)> _twins = [];
    private readonly StringTokens?[] _strings = new StringTokens?[StringBody.NumStates];

    /// <summary>Builds the tree of a tokenizer.</summary>
    public TokenTrie(ITokenizer tokenizer)
    {
        NumTokens = tokenizer.VocabularySize;
        (byte[] Bytes, int TokenId)[] tokens = TextTokens(tokenizer);
        Array.Sort(tokens, static (a, b) => a.Bytes.AsSpan().SequenceCompareTo(b.Bytes) is var order && order != 0 ? order : a.TokenId.CompareTo(b.TokenId));
        var labels = new List<byte>();
        var depths = new List<ushort>();
        var tokenIds = new List<int>();
        byte[] previous = [];
        foreach ((byte[] bytes, int tokenId) in tokens)
        {
            int shared = previous.AsSpan().CommonPrefixLength(bytes);
            for (int depth = shared; depth < bytes.Length; depth++)
            {
                labels.Add(bytes[depth]);
                depths.Add(checked((ushort)(depth + 1)));
                tokenIds.Add(-1);
            }

            if (tokenIds[^1] >= 0)
            {
                // Another token of the same bytes: one node, one token. What holds for the first holds for the other.
                _twins.Add((tokenIds[^1], tokenId));
            }
            else
            {
                tokenIds[^1] = tokenId;
            }

            MaxDepth = Math.Max(MaxDepth, bytes.Length);
            previous = bytes;
        }

        _labels = [.. labels];
        _depths = [.. depths];
        _tokenIds = [.. tokenIds];
        _ends = Ends(_depths);
    }

    /// <summary>One more than the largest id of the tokenizer.</summary>
    public int NumTokens { get; }

    /// <summary>Nodes.</summary>
    public int NumNodes => _labels.Length;

    /// <summary>Bytes of the longest token.</summary>
    public int MaxDepth { get; }

    /// <summary>Tokens that have the bytes of another one: the one in the tree, and the other.</summary>
    public IReadOnlyList<(int TokenId, int Twin)> Twins => _twins;

    /// <summary>The byte of a node.</summary>
    public byte Label(int node) => _labels[node];

    /// <summary>Bytes from the root to a node, its own included.</summary>
    public int Depth(int node) => _depths[node];

    /// <summary>The first node behind the subtree of a node.</summary>
    public int End(int node) => _ends[node];

    /// <summary>The token that ends at a node; -1 when none does.</summary>
    public int TokenId(int node) => _tokenIds[node];

    /// <summary>What tokens do from a state inside a string; found on first use, then kept.</summary>
    public StringTokens Strings(int body) => _strings[body] ??= new StringTokens(this, body);

    private static (byte[] Bytes, int TokenId)[] TextTokens(ITokenizer tokenizer)
    {
        var tokens = new List<(byte[] Bytes, int TokenId)>(tokenizer.VocabularySize);
        for (int tokenId = 0; tokenId < tokenizer.VocabularySize; tokenId++)
        {
            ReadOnlySpan<byte> bytes = tokenizer.TokenBytes(tokenId, skipSpecial: true);
            bool isText = !bytes.IsEmpty && !(tokenizer.TryGetAddedTokenId(Encoding.UTF8.GetString(bytes), out int addedId) && addedId == tokenId);
            if (isText)
            {
                tokens.Add((bytes.ToArray(), tokenId));
            }
        }

        return [.. tokens];
    }

    private static int[] Ends(ushort[] depths)
    {
        var ends = new int[depths.Length];
        var open = new Stack<int>();
        for (int node = 0; node <= depths.Length; node++)
        {
            int depth = node < depths.Length ? depths[node] : 0;
            while (open.TryPeek(out int last) && depths[last] >= depth)
            {
                ends[open.Pop()] = node;
            }

            open.Push(node);
        }

        return ends;
    }
}
