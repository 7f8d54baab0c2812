namespace Qwen3VL.Engine.Tokenization;

/// <summary>
/// A min-heap of merge candidates, each a rank and a position in one number. Four children a node and plain comparisons: with it, and with
/// stale candidates told by rank, a word of a megabyte encodes in two thirds of the time that the general priority queue took (two runs,
/// one loaded machine). Owns its buffer; one caller at a time.
/// </summary>
internal sealed class CandidateHeap
{
    private const int Arity = 4;
    private const int RankShift = 32;

    private long[] _items = new long[64];
    private int _count;

    /// <summary>Forgets everything.</summary>
    public void Clear() => _count = 0;

    /// <summary>Adds a candidate.</summary>
    public void Add(int rank, int position)
    {
        if (_count == _items.Length)
        {
            Array.Resize(ref _items, 2 * _count);
        }

        long item = ((long)rank << RankShift) | (uint)position;
        int index = _count++;
        while (index > 0 && item < _items[(index - 1) / Arity])
        {
            _items[index] = _items[(index - 1) / Arity];
            index = (index - 1) / Arity;
        }

        _items[index] = item;
    }

    /// <summary>Takes the candidate of lowest rank, of equals the leftmost; false when there is none.</summary>
    public bool TryTake(out int rank, out int position)
    {
        if (_count == 0)
        {
            rank = position = 0;
            return false;
        }

        rank = (int)(_items[0] >> RankShift);
        position = (int)(uint)_items[0];
        SinkFromTop(_items[--_count]);
        return true;
    }

    private void SinkFromTop(long item)
    {
        ReadOnlySpan<long> items = _items.AsSpan(0, _count);
        int index = 0;
        for (int child = 1; child < items.Length; child = (Arity * index) + 1)
        {
            int end = Math.Min(child + Arity, items.Length);
            for (int other = child + 1; other < end; other++)
            {
                child = items[other] < items[child] ? other : child;
            }

            if (item <= items[child])
            {
                break;
            }

            _items[index] = items[child];
            index = child;
        }

        _items[index] = item;
    }
}
