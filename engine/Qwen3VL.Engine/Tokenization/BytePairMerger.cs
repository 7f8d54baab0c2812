namespace Qwen3VL.Engine.Tokenization;

/// <summary>
/// Byte-pair encoding of one piece after another: always the pair of lowest rank, the leftmost of equals (huggingface/tokenizers,
/// <c>models/bpe/word.rs</c>, <c>merge_all</c>). A heap and a linked list make it O(n log n), so a word of a megabyte is no attack.
/// Owns its buffers; one caller at a time.
/// </summary>
internal sealed class BytePairMerger(BpeVocabulary vocabulary)
{
    private const int None = -1;

    // Candidates: the joined token by (rank, position of the left token). Stale ones are recognised when they come up.
    private readonly PriorityQueue<int, long> _candidates = new();
    private int[] _tokens = [];
    private int[] _next = [];
    private int[] _previous = [];

    /// <summary>Candidates taken from the heap so far: the work done, for tests of its growth.</summary>
    public long NumCandidates { get; private set; }

    /// <summary>Appends the tokens of <paramref name="piece"/> (UTF-8, not empty) to <paramref name="output"/>.</summary>
    public void Encode(ReadOnlySpan<byte> piece, List<int> output)
    {
        Reset(piece);
        while (_candidates.TryDequeue(out int joined, out long priority))
        {
            NumCandidates++;
            int left = (int)(uint)priority;
            if (!IsCurrent(left, joined))
            {
                continue;
            }

            int right = _next[left];
            _tokens[left] = joined;
            _tokens[right] = None;
            _next[left] = _next[right];
            if (_next[left] != None)
            {
                _previous[_next[left]] = left;
                AddCandidate(left);
            }

            if (_previous[left] != None)
            {
                AddCandidate(_previous[left]);
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
            (_tokens, _next, _previous) = (new int[capacity], new int[capacity], new int[capacity]);
        }

        for (int position = 0; position < piece.Length; position++)
        {
            _tokens[position] = vocabulary.TokenOfByte(piece[position]);
            _previous[position] = position - 1;
            _next[position] = position + 1 < piece.Length ? position + 1 : None;
        }

        _candidates.Clear();
        for (int position = 0; position + 1 < piece.Length; position++)
        {
            AddCandidate(position);
        }
    }

    /// <summary>
    /// Whether the pair at <paramref name="left"/> still joins to <paramref name="joined"/>. A grown neighbour makes the joined text longer, so
    /// an old candidate never matches a new pair.
    /// </summary>
    private bool IsCurrent(int left, int joined) =>
        _tokens[left] != None && _next[left] != None
        && vocabulary.TryGetMerge(_tokens[left], _tokens[_next[left]], out Merge merge) && merge.TokenId == joined;

    private void AddCandidate(int left)
    {
        if (vocabulary.TryGetMerge(_tokens[left], _tokens[_next[left]], out Merge merge))
        {
            _candidates.Enqueue(merge.TokenId, ((long)merge.Rank << 32) | (uint)left);
        }
    }
}
