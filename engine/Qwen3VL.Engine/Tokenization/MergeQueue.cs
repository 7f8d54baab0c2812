namespace Qwen3VL.Engine.Tokenization;

/// <summary>
/// Merge candidates of one long piece, taken by rank and, of equal rank, from left to right. Candidates of a rank form a list, which costs the
/// same for the millionth as for the first; only the ranks present stand in a heap, and they are few where a piece is long. Owns its
/// buffers; one caller at a time.
/// </summary>
/// <remarks>
/// Candidates of a rank nearly always arrive from left to right. A list where they did not is sorted when its turn comes, once for a
/// vocabulary whose merges make a token before they use it, as training does.
/// </remarks>
internal sealed class MergeQueue
{
    private const int None = -1;

    private readonly List[] _lists;
    private readonly PriorityQueue<int, int> _ranks = new();
    private Candidate[] _candidates = new Candidate[256];
    private int _count;

    /// <summary>Makes an empty one for ranks below <paramref name="numRanks"/>.</summary>
    public MergeQueue(int numRanks)
    {
        _lists = new List[numRanks];
        Array.Fill(_lists, new List(None, None, IsUnordered: false));
    }

    /// <summary>Candidates that the buffer holds: the memory kept, in units of eight bytes.</summary>
    public int Capacity => _candidates.Length;

    /// <summary>Candidates that had to be sorted so far, for tests of the work done.</summary>
    public long NumSorted { get; private set; }

    /// <summary>Adds a candidate.</summary>
    public void Add(int rank, int position)
    {
        if (_count == _candidates.Length)
        {
            Array.Resize(ref _candidates, 2 * _count);
        }

        int added = _count++;
        _candidates[added] = new Candidate(position, None);
        ref List list = ref _lists[rank];
        if (list.First == None)
        {
            list = new List(added, added, IsUnordered: false);
            _ranks.Enqueue(rank, rank);
            return;
        }

        ref Candidate last = ref _candidates[list.Last];
        last = last with { Next = added };
        list = new List(list.First, added, list.IsUnordered || position < last.Position);
    }

    /// <summary>Takes the candidate of lowest rank, of equals the leftmost; false, and the buffer is free again, when there is none.</summary>
    public bool TryTake(out int rank, out int position)
    {
        if (!_ranks.TryPeek(out rank, out _))
        {
            (_count, position) = (0, None);
            return false;
        }

        ref List list = ref _lists[rank];
        if (list.IsUnordered)
        {
            Sort(list.First);
            list = list with { IsUnordered = false };
        }

        (position, int next) = _candidates[list.First];
        list = list with { First = next };
        if (next == None)
        {
            _ranks.Dequeue();
        }

        return true;
    }

    private void Sort(int first)
    {
        var positions = new List<int>();
        for (int index = first; index != None; index = _candidates[index].Next)
        {
            positions.Add(_candidates[index].Position);
        }

        positions.Sort();
        NumSorted += positions.Count;
        int place = 0;
        for (int index = first; index != None; index = _candidates[index].Next)
        {
            _candidates[index] = _candidates[index] with { Position = positions[place++] };
        }
    }

    /// <summary>A candidate and the next of its rank.</summary>
    private readonly record struct Candidate(int Position, int Next);

    /// <summary>The candidates of a rank; <see cref="First"/> is none when there are none.</summary>
    private readonly record struct List(int First, int Last, bool IsUnordered);
}
