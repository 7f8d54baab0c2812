using System.Buffers;

namespace Qwen3VL.Engine.Tokenization;

/// <summary>Tokens as bytes and the merges between them, by id. Immutable after construction.</summary>
internal sealed class BpeVocabulary
{
    // The bytes of token i are _bytes[_starts[i].._starts[i + 1]]: one array, not one a token.
    private readonly byte[] _bytes;
    private readonly int[] _starts;
    private readonly bool[] _isSpecial;
    private readonly int[] _tokenOfByte = new int[256];
    private readonly MergeTable _merges;

    /// <summary>Builds the tables of a tokenizer file.</summary>
    /// <exception cref="CheckpointException">An id is negative, a byte has no token, or a merge names an entry that does not exist.</exception>
    public BpeVocabulary(TokenizerFile file)
    {
        int lowest = Math.Min(file.Vocabulary.Values.DefaultIfEmpty().Min(), file.AddedTokens.Select(token => token.Id).DefaultIfEmpty().Min());
        int highest = Math.Max(file.Vocabulary.Values.DefaultIfEmpty(-1).Max(), file.AddedTokens.Select(token => token.Id).DefaultIfEmpty(-1).Max());
        if (lowest < 0 || highest > MaxTokenId)
        {
            throw new CheckpointException($"tokenizer.json ids must be in 0..{MaxTokenId}; got {lowest}..{highest}");
        }

        var entries = new string?[highest + 1];
        _isSpecial = new bool[highest + 1];
        foreach ((string entry, int id) in file.Vocabulary)
        {
            entries[id] = entry;
        }

        foreach (AddedToken token in file.AddedTokens)
        {
            entries[token.Id] = token.Content;
            _isSpecial[token.Id] = token.IsSpecial;
        }

        (_bytes, _starts) = Flatten(entries);
        FindByteTokens(file.Vocabulary);
        NumMerges = file.Merges.Count;
        _merges = FindMerges(file);
    }

    /// <summary>One more than the largest id that names a token.</summary>
    public int Size => _isSpecial.Length;

    /// <summary>Merges; their ranks are below this.</summary>
    public int NumMerges { get; }

    // Far above any vocabulary of the family (151,936); bounds the tables that a damaged file can ask for.
    private static int MaxTokenId => (1 << 24) - 1;

    /// <summary>The token of one byte.</summary>
    public int TokenOfByte(byte value) => _tokenOfByte[value];

    /// <summary>The bytes of a token; empty for an id without token, as the padding rows of the embedding table have none.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The id is negative.</exception>
    public ReadOnlySpan<byte> BytesOf(int tokenId)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(tokenId);
        return tokenId < Size ? _bytes.AsSpan(_starts[tokenId].._starts[tokenId + 1]) : [];
    }

    /// <summary>Whether decoding may drop the token.</summary>
    public bool IsSpecial(int tokenId) => tokenId < _isSpecial.Length && _isSpecial[tokenId];

    /// <summary>What two neighbours merge into.</summary>
    public bool TryGetMerge(int left, int right, out Merge merge) => _merges.TryGet(left, right, out merge);

    private static (byte[] Bytes, int[] Starts) Flatten(string?[] entries)
    {
        var bytes = new ArrayBufferWriter<byte>();
        var starts = new int[entries.Length + 1];
        for (int id = 0; id < entries.Length; id++)
        {
            ByteAlphabet.WriteBytes(entries[id] ?? "", bytes);
            starts[id + 1] = bytes.WrittenCount;
        }

        return (bytes.WrittenSpan.ToArray(), starts);
    }

    private void FindByteTokens(IReadOnlyDictionary<string, int> vocabulary)
    {
        for (int value = 0; value < _tokenOfByte.Length; value++)
        {
            if (!vocabulary.TryGetValue(ByteAlphabet.ToCharacter((byte)value).ToString(), out _tokenOfByte[value]))
            {
                throw new CheckpointException($"tokenizer.json model.vocab must hold every byte; got none for byte {value}");
            }
        }
    }

    private static MergeTable FindMerges(TokenizerFile file)
    {
        var merges = new MergeTable(file.Merges.Count);
        for (int rank = 0; rank < file.Merges.Count; rank++)
        {
            (string left, string right) = file.Merges[rank];
            if (!file.Vocabulary.TryGetValue(left, out int leftId) || !file.Vocabulary.TryGetValue(right, out int rightId)
                || !file.Vocabulary.TryGetValue(left + right, out int joinedId))
            {
                throw new CheckpointException($"tokenizer.json model.merges must name entries of model.vocab; got another at rank {rank}");
            }

            merges.Set(leftId, rightId, new Merge(rank, joinedId));
        }

        return merges;
    }
}
