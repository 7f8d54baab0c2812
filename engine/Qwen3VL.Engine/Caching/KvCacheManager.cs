namespace Qwen3VL.Engine.Caching;

/// <summary>
/// Gives sequences their blocks: room for new tokens, blocks with a known prefix, and the way back. "No room" is a return value. Owned by
/// the scheduler, used by the engine thread only.
/// </summary>
/// <remarks>
/// <code>
/// tokens of a sequence   | cached | computed before | scheduled |  not yet scheduled  |
///                        '------ its table has room ------------'
/// table                  [ b7 ][ b3 ][ b9 ][ b4 ]      the last block may be partly filled; full ones are published after the step
/// </code>
/// </remarks>
internal sealed class KvCacheManager
{
    private readonly BlockPool _pool;
    private readonly bool _usePrefixCache;
    private readonly List<int> _hits = [];

    /// <summary>Creates a manager over a pool.</summary>
    /// <param name="pool">All blocks; owned from here.</param>
    /// <param name="usePrefixCache">Whether full blocks are shared by content.</param>
    public KvCacheManager(BlockPool pool, bool usePrefixCache)
    {
        _pool = pool;
        _usePrefixCache = usePrefixCache;
    }

    /// <summary>The blocks, for checks and metrics.</summary>
    public BlockPool Pool => _pool;

    /// <summary>
    /// Tokens at the start of a sequence whose keys are still held: whole blocks, never the last known token, because at least one token
    /// must be computed to get logits. Changes nothing; the answer holds until the next change of the pool.
    /// </summary>
    public int FindCachedPrefix(BlockHashChain hashes, ReadOnlySpan<int> knownTokenIds)
    {
        _hits.Clear();
        if (!_usePrefixCache)
        {
            return 0;
        }

        int mostBlocks = (knownTokenIds.Length - 1) / KvBlock.Tokens;
        while (_hits.Count < mostBlocks && _pool.TryFind(hashes[_hits.Count, knownTokenIds], out int blockId))
        {
            _hits.Add(blockId);
        }

        return _hits.Count * KvBlock.Tokens;
    }

    /// <summary>
    /// Fills an empty table with the blocks that the last <see cref="FindCachedPrefix"/> found and with new ones up to
    /// <paramref name="numTokens"/>; false and no change when there is no room.
    /// </summary>
    public bool TryAdmit(BlockTable table, int numTokens)
    {
        if (table.Count != 0)
        {
            throw new EngineInvariantException($"an admitted sequence must hold no block; got {table.Count}");
        }

        int hitsInFreeQueue = 0;
        foreach (int blockId in _hits)
        {
            hitsInFreeQueue += _pool.ReferenceCount(blockId) == 0 ? 1 : 0;
        }

        int needed = BlockTable.BlocksFor(numTokens) - _hits.Count;
        if (needed + hitsInFreeQueue > _pool.NumFree)
        {
            return false;
        }

        // Hits first: an allocation may evict a free block, and must not evict one of them.
        foreach (int blockId in _hits)
        {
            _pool.Touch(blockId);
            table.Append(blockId);
        }

        table.MarkPublished(_hits.Count);
        _hits.Clear();
        return TryGrow(table, numTokens) ? true : throw new EngineInvariantException($"counted room must be there; got {_pool.NumFree} free blocks");
    }

    /// <summary>Grows a table to hold <paramref name="numTokens"/> tokens; false and no change when there is no room.</summary>
    public bool TryGrow(BlockTable table, int numTokens)
    {
        int needed = BlockTable.BlocksFor(numTokens) - table.Count;
        if (needed > _pool.NumFree)
        {
            return false;
        }

        for (int i = 0; i < needed; i++)
        {
            if (!_pool.TryAllocate(out int blockId))
            {
                throw new EngineInvariantException($"counted free blocks must be there; got {_pool.NumFree}");
            }

            table.Append(blockId);
        }

        return true;
    }

    /// <summary>Offers every block that is full after <paramref name="numComputed"/> tokens and was not offered before.</summary>
    public void Publish(BlockTable table, BlockHashChain hashes, ReadOnlySpan<int> knownTokenIds, int numComputed)
    {
        int full = numComputed / KvBlock.Tokens;
        if (!_usePrefixCache || full <= table.NumPublished)
        {
            return;
        }

        for (int index = table.NumPublished; index < full; index++)
        {
            _pool.Publish(table[index], hashes[index, knownTokenIds]);
        }

        table.MarkPublished(full);
    }

    /// <summary>Returns all blocks of a table, last first: so the end of a prefix is evicted before its start.</summary>
    public void Free(BlockTable table)
    {
        for (int index = table.Count - 1; index >= 0; index--)
        {
            _pool.Release(table[index]);
        }

        table.Clear();
    }

    /// <summary>Checks the pool, and that the references of each block are the tables that hold it.</summary>
    /// <param name="tables">All live tables.</param>
    public void CheckInvariants(IEnumerable<BlockTable> tables)
    {
        _pool.CheckInvariants();
        var held = new int[_pool.NumBlocks];
        foreach (BlockTable table in tables)
        {
            for (int index = 0; index < table.Count; index++)
            {
                held[table[index]]++;
            }
        }

        for (int blockId = 0; blockId < held.Length; blockId++)
        {
            if (held[blockId] != _pool.ReferenceCount(blockId))
            {
                throw new EngineInvariantException(
                    $"a block's references must be the tables that hold it; got block {blockId} with {_pool.ReferenceCount(blockId)} references in {held[blockId]} tables");
            }
        }
    }
}
