namespace Qwen3VL.Engine.Tokenization;

/// <summary>Tokens as bytes and the merges between them, by id. Immutable after construction.</summary>
internal sealed class BpeVocabulary
{
    private readonly byte[]?[] _bytesOfToken;
    private readonly bool[] _isSpecial;
    private readonly int[] _tokenOfByte = new int[256];
    private readonly Dictionary<long, Merge> _merges;

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

        _bytesOfToken = new byte[highest + 1][];
        _isSpecial = new bool[highest + 1];
        foreach ((string entry, int id) in file.Vocabulary)
        {
            _bytesOfToken[id] = ByteAlphabet.ToBytes(entry);
        }

        foreach (AddedToken token in file.AddedTokens)
        {
            _bytesOfToken[token.Id] = ByteAlphabet.ToBytes(token.Content);
            _isSpecial[token.Id] = token.IsSpecial;
        }

        FindByteTokens(file.Vocabulary);
        _merges = FindMerges(file);
    }

    /// <summary>One more than the largest id that names a token.</summary>
    public int Size => _bytesOfToken.Length;

    // Far above any vocabulary of the family (151,936); bounds the tables that a damaged file can ask for.
    private static int MaxTokenId => (1 << 24) - 1;

    /// <summary>The token of one byte.</summary>
    public int TokenOfByte(byte value) => _tokenOfByte[value];

    /// <summary>The bytes of a token; empty for an id without token, as the padding rows of the embedding table have none.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The id is negative.</exception>
    public ReadOnlySpan<byte> BytesOf(int tokenId)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(tokenId);
        return tokenId < _bytesOfToken.Length ? _bytesOfToken[tokenId] : [];
    }

    /// <summary>Whether decoding may drop the token.</summary>
    public bool IsSpecial(int tokenId) => tokenId < _isSpecial.Length && _isSpecial[tokenId];

    /// <summary>What two neighbours merge into.</summary>
    public bool TryGetMerge(int left, int right, out Merge merge) => _merges.TryGetValue(PairKey(left, right), out merge);

    private static long PairKey(int left, int right) => ((long)left << 32) | (uint)right;

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

    private static Dictionary<long, Merge> FindMerges(TokenizerFile file)
    {
        var merges = new Dictionary<long, Merge>(file.Merges.Count);
        for (int rank = 0; rank < file.Merges.Count; rank++)
        {
            (string left, string right) = file.Merges[rank];
            if (!file.Vocabulary.TryGetValue(left, out int leftId) || !file.Vocabulary.TryGetValue(right, out int rightId)
                || !file.Vocabulary.TryGetValue(left + right, out int joinedId))
            {
                throw new CheckpointException($"tokenizer.json model.merges must name entries of model.vocab; got another at rank {rank}");
            }

            merges[PairKey(leftId, rightId)] = new Merge(rank, joinedId);
        }

        return merges;
    }
}
