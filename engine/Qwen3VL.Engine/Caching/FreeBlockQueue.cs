namespace Qwen3VL.Engine.Caching;

/// <summary>
/// The free blocks in eviction order: an intrusive doubly linked list over two arrays, with one sentinel before the first and one behind
/// the last block. Every operation is O(1) and allocates nothing; removal from the middle is what a prefix hit on a free block needs, and
/// is why this is not a queue of the library.
/// </summary>
/// <remarks>
/// The head is reused first. Blocks without a hash are worth nothing and enter at the head; published blocks enter at the tail, so the
/// head side holds the least recently used. Inside one sequence the later block must be evicted before the earlier one (a prefix is only
/// usable from its start): that part of the order is the caller's duty, who frees a table from its last block to its first.
/// Design after vllm-project/vllm <c>v1/core/kv_cache_utils.py: FreeKVCacheBlockQueue</c>.
/// </remarks>
internal sealed class FreeBlockQueue
{
    private const int NotLinked = -1;
    private readonly int[] _previous;
    private readonly int[] _next;
    private readonly int _headSentinel;
    private readonly int _tailSentinel;

    /// <summary>Creates an empty queue for the block ids <c>0 .. capacity - 1</c>.</summary>
    public FreeBlockQueue(int capacity)
    {
        _previous = new int[capacity + 2];
        _next = new int[capacity + 2];
        Array.Fill(_previous, NotLinked);
        Array.Fill(_next, NotLinked);
        _headSentinel = capacity;
        _tailSentinel = capacity + 1;
        _next[_headSentinel] = _tailSentinel;
        _previous[_tailSentinel] = _headSentinel;
    }

    /// <summary>Blocks in the queue.</summary>
    public int Count { get; private set; }

    /// <summary>Whether the block is in the queue.</summary>
    public bool Contains(int blockId) => _next[blockId] != NotLinked;

    /// <summary>Enters a block to be reused next.</summary>
    public void PushHead(int blockId) => Link(blockId, _headSentinel);

    /// <summary>Enters a block to be reused last.</summary>
    public void PushTail(int blockId) => Link(blockId, _previous[_tailSentinel]);

    /// <summary>Takes the block to be reused next; false when there is none.</summary>
    public bool TryPopHead(out int blockId)
    {
        blockId = _next[_headSentinel];
        if (blockId == _tailSentinel)
        {
            return false;
        }

        Remove(blockId);
        return true;
    }

    /// <summary>Takes a block from wherever it is.</summary>
    /// <exception cref="EngineInvariantException">The block is not in the queue.</exception>
    public void Remove(int blockId)
    {
        if (!Contains(blockId))
        {
            throw new EngineInvariantException($"a removed block must be in the free queue; got block {blockId}");
        }

        int previous = _previous[blockId];
        int next = _next[blockId];
        _next[previous] = next;
        _previous[next] = previous;
        _previous[blockId] = NotLinked;
        _next[blockId] = NotLinked;
        Count--;
    }

    /// <summary>Checks that forward and backward links agree and that the count is the number of linked blocks.</summary>
    public void CheckInvariants()
    {
        int walked = 0;
        int current = _headSentinel;
        while (current != _tailSentinel)
        {
            int next = _next[current];
            if (next == NotLinked || _previous[next] != current || walked > Count)
            {
                throw new EngineInvariantException(
                    $"the free queue's links must agree; after {walked} of {Count} blocks, {current} has next {next}, whose previous is {(next == NotLinked ? NotLinked : _previous[next])}");
            }

            walked += next == _tailSentinel ? 0 : 1;
            current = next;
        }

        if (walked != Count)
        {
            throw new EngineInvariantException($"the free queue's count must be its number of blocks; got {Count} and {walked}");
        }
    }

    private void Link(int blockId, int previous)
    {
        if (Contains(blockId))
        {
            throw new EngineInvariantException($"an entering block must not be in the free queue; got block {blockId}");
        }

        int next = _next[previous];
        _previous[blockId] = previous;
        _next[blockId] = next;
        _next[previous] = blockId;
        _previous[next] = blockId;
        Count++;
    }
}
