namespace Qwen3VL.Engine.Tokenization;

/// <summary>
/// Byte-pair encoding of one piece after another: always the pair of lowest rank, the leftmost of equals (huggingface/tokenizers,
/// <c>models/bpe/word.rs</c>, <c>merge_all</c>). Short pieces search their few pairs anew for each merge; long ones keep a queue over a linked
/// list, in time that grows with their length and no faster, so a word of a megabyte is no attack. Owns its buffers; one caller at a time.
/// </summary>
internal sealed class BytePairMerger(BpeVocabulary vocabulary)
{
    /// <summary>
    /// Pieces up to this many bytes are searched. Measured on mixed text (pieces cut to one length, one loaded machine): at 8 bytes a search takes
    /// 0.6 of the queue's time, from 16 to 32 the two are level, at 48 it takes 1.2.
    /// </summary>
    public const int MaxSearchedBytes = 32;

    private const int None = -1;

    // Made for the first long piece: it is large, and most calls have none.
    private MergeQueue? _candidates;
    private int[] _tokens = [];
    private int[] _next = [];
    private int[] _previous = [];

    // A candidate whose pair has changed since stays in the queue; it is stale when its rank is not that of _merges at its position.
    private Merge[] _merges = [];
    private long _numSteps;

    private static Merge NoMerge => new(None, None);

    /// <summary>Candidates taken or sorted, and pairs searched, so far: the work done, for tests of its growth.</summary>
    public long NumSteps => _numSteps + (_candidates?.NumSorted ?? 0);

    /// <summary>Bytes of the longest piece that the buffers hold without growing.</summary>
    public int Capacity => Math.Max(_tokens.Length, _candidates?.Capacity ?? 0);

    /// <summary>Appends the tokens of <paramref name="piece"/> (UTF-8, not empty) to <paramref name="output"/>.</summary>
    public void Encode(ReadOnlySpan<byte> piece, List<int> output)
    {
        if (piece.Length == 1)
        {
            output.Add(vocabulary.TokenOfByte(piece[0]));
        }
        else if (piece.Length <= MaxSearchedBytes)
        {
            EncodeBySearch(piece, output);
        }
        else
        {
            EncodeByQueue(piece, output);
        }
    }

    private void EncodeBySearch(ReadOnlySpan<byte> piece, List<int> output)
    {
        Span<int> tokens = stackalloc int[MaxSearchedBytes];
        Span<Merge> merges = stackalloc Merge[MaxSearchedBytes];
        int length = piece.Length;
        for (int index = 0; index < length; index++)
        {
            tokens[index] = vocabulary.TokenOfByte(piece[index]);
        }

        for (int index = 0; index + 1 < length; index++)
        {
            merges[index] = MergeOf(tokens[index], tokens[index + 1]);
        }

        // merges[i] is of tokens i and i + 1; the last token has none.
        while (FindLowest(merges[..(length - 1)]) is var best && best != None)
        {
            tokens[best] = merges[best].TokenId;
            tokens[(best + 2)..length].CopyTo(tokens[(best + 1)..]);
            merges[(best + 1)..(length - 1)].CopyTo(merges[best..]);
            length--;
            if (best + 1 < length)
            {
                merges[best] = MergeOf(tokens[best], tokens[best + 1]);
            }

            if (best > 0)
            {
                merges[best - 1] = MergeOf(tokens[best - 1], tokens[best]);
            }
        }

        output.AddRange(tokens[..length]);
    }

    private int FindLowest(ReadOnlySpan<Merge> merges)
    {
        _numSteps += merges.Length;
        int best = None;
        uint lowest = uint.MaxValue;
        for (int index = 0; index < merges.Length; index++)
        {
            // No merge has rank -1, which is the highest as an unsigned number.
            uint rank = (uint)merges[index].Rank;
            if (rank < lowest)
            {
                (best, lowest) = (index, rank);
            }
        }

        return best;
    }

    private void EncodeByQueue(ReadOnlySpan<byte> piece, List<int> output)
    {
        MergeQueue candidates = _candidates ??= new MergeQueue(vocabulary.NumMerges);
        Reset(piece, candidates);
        while (candidates.TryTake(out int rank, out int left))
        {
            _numSteps++;
            if (_merges[left].Rank == rank)
            {
                Join(left, _next[left], candidates);
            }
        }

        for (int position = 0; position != None; position = _next[position])
        {
            output.Add(_tokens[position]);
        }
    }

    private void Reset(ReadOnlySpan<byte> piece, MergeQueue candidates)
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

        for (int position = 0; position < piece.Length; position++)
        {
            FindMerge(position, candidates);
        }
    }

    private void Join(int left, int right, MergeQueue candidates)
    {
        _tokens[left] = _merges[left].TokenId;
        _merges[right] = NoMerge;
        _next[left] = _next[right];
        if (_next[left] != None)
        {
            _previous[_next[left]] = left;
        }

        // The neighbour on the left first, so that candidates of one rank arrive from left to right.
        if (_previous[left] != None)
        {
            FindMerge(_previous[left], candidates);
        }

        FindMerge(left, candidates);
    }

    /// <summary>Notes what the token at <paramref name="left"/> and its neighbour, changed just now, can become.</summary>
    private void FindMerge(int left, MergeQueue candidates)
    {
        int right = _next[left];
        Merge merge = right == None ? NoMerge : MergeOf(_tokens[left], _tokens[right]);
        _merges[left] = merge;
        if (merge.Rank != None)
        {
            candidates.Add(merge.Rank, left);
        }
    }

    private Merge MergeOf(int left, int right) => vocabulary.TryGetMerge(left, right, out Merge merge) ? merge : NoMerge;
}
