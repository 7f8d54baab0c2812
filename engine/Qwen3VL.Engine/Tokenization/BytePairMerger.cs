namespace Qwen3VL.Engine.Tokenization;

/// <summary>
/// Byte-pair encoding of one piece after another: always the pair of lowest rank, the leftmost of equals (huggingface/tokenizers,
/// <c>models/bpe/word.rs</c>, <c>merge_all</c>). A heap and a linked list make it O(n log n), so a word of a megabyte is no attack.
/// Owns its buffers; one caller at a time.
/// </summary>
internal sealed class BytePairMerger(BpeVocabulary vocabulary)
{
    private const int None = -1;

    // A candidate whose pair has changed since stays in the heap; it is stale when its rank is not that of _merges at its position.
    private readonly CandidateHeap _candidates = new();
    private int[] _tokens = [];
    private int[] _next = [];
    private int[] _previous = [];
    private Merge[] _merges = [];

    private static Merge NoMerge => new(None, None);

    /// <summary>Candidates taken from the heap so far: the work done, for tests of its growth.</summary>
    public long NumCandidates { get; private set; }

    /// <summary>Appends the tokens of <paramref name="piece"/> (UTF-8, not empty) to <paramref name="output"/>.</summary>
    public void Encode(ReadOnlySpan<byte> piece, List<int> output)
    {
        Reset(piece);
        while (_candidates.TryTake(out int rank, out int left))
        {
            NumCandidates++;
            if (_merges[left].Rank == rank)
            {
                Join(left, _next[left]);
            }
        }

        for (int position = 0; position != None; position = _next[position])
        {
            output.Add(_tokens[position]);
        }
    }

    private void Reset(ReadOnlySpan<byte> piece)
    {
        if (_tokens.Length < piece.Length)
        {
            int capacity = Math.Max(piece.Length, 2 * _tokens.Length);
            (_tokens, _next, _previous, _merges) = (new int[capacity], new int[capacity], new int[capacity], new Merge[capacity]);
        }

        for (int position = 0; position < piece.Length; position++)
        {
            _tokens[position] = vocabulary.TokenOfByte(piece[position]);
            _previous[position] = position - 1;
            _next[position] = position + 1 < piece.Length ? position + 1 : None;
        }

        _candidates.Clear();
        for (int position = 0; position < piece.Length; position++)
        {
            FindMerge(position);
        }
    }

    private void Join(int left, int right)
    {
        _tokens[left] = _merges[left].TokenId;
        _merges[right] = NoMerge;
        _next[left] = _next[right];
        if (_next[left] != None)
        {
            _previous[_next[left]] = left;
        }

        FindMerge(left);
        if (_previous[left] != None)
        {
            FindMerge(_previous[left]);
        }
    }

    /// <summary>Notes what the token at <paramref name="left"/> and its neighbour, changed just now, can become.</summary>
    private void FindMerge(int left)
    {
        int right = _next[left];
        if (right != None && vocabulary.TryGetMerge(_tokens[left], _tokens[right], out Merge merge))
        {
            _merges[left] = merge;
            _candidates.Add(merge.Rank, left);
        }
        else
        {
            _merges[left] = NoMerge;
        }
    }
}
