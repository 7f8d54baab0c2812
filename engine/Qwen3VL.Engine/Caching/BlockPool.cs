namespace Qwen3VL.Engine.Caching;

/// <summary>
/// All blocks: who is free, who is referenced, who is findable by content. Owned by <see cref="KvCacheManager"/>.
/// </summary>
/// <remarks>
/// <code>
///            Allocate (hash dropped)                 Publish
///   free ------------------------------> referenced --------> referenced, published
///    ^  ^------------ Release ---------------'                     |      ^
///    '------------------------------- Release (keeps its hash) ----'      | Touch (prefix hit)
///   free, published ------------------------------------------------------'
/// </code>
/// </remarks>
internal sealed class BlockPool
{
    /// <summary>The block that nobody gets: an entry of zero in a block table never points at another sequence's keys.</summary>
    public const int NullBlock = 0;

    private readonly KvBlock[] _blocks;
    private readonly FreeBlockQueue _free;
    private readonly PrefixCache _prefixCache = new();

    /// <summary>Creates a pool of <paramref name="numBlocks"/> blocks, the null block included.</summary>
    public BlockPool(int numBlocks)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(numBlocks, 2);
        _blocks = new KvBlock[numBlocks];
        _free = new FreeBlockQueue(numBlocks);
        for (int blockId = 1; blockId < numBlocks; blockId++)
        {
            _free.PushTail(blockId);
        }
    }

    /// <summary>All blocks, the null block included.</summary>
    public int NumBlocks => _blocks.Length;

    /// <summary>Blocks no table holds; those still findable by content count as free.</summary>
    public int NumFree => _free.Count;

    /// <summary>Blocks findable by content.</summary>
    public int NumPublished => _prefixCache.Count;

    /// <summary>Tables that hold the block.</summary>
    public int ReferenceCount(int blockId) => _blocks[blockId].ReferenceCount;

    /// <summary>Finds the block that holds this content.</summary>
    public bool TryFind(BlockHash hash, out int blockId) => _prefixCache.TryFind(hash, out blockId);

    /// <summary>Takes the next free block, referenced once and without content; false when there is none.</summary>
    public bool TryAllocate(out int blockId)
    {
        if (!_free.TryPopHead(out blockId))
        {
            return false;
        }

        ref KvBlock block = ref _blocks[blockId];
        if (block.IsPublished)
        {
            _prefixCache.Remove(block.Hash, blockId);
            block.IsPublished = false;
            block.Hash = default;
        }

        block.ReferenceCount = 1;
        return true;
    }

    /// <summary>Adds a reference to a block found by content.</summary>
    public void Touch(int blockId)
    {
        ref KvBlock block = ref _blocks[blockId];
        if (block.ReferenceCount == 0)
        {
            _free.Remove(blockId);
        }

        block.ReferenceCount++;
    }

    /// <summary>Drops a reference. The last one frees the block: to the tail of the queue with content, to its head without.</summary>
    public void Release(int blockId)
    {
        ref KvBlock block = ref _blocks[blockId];
        if (blockId == NullBlock || block.ReferenceCount < 1)
        {
            throw new EngineInvariantException($"a released block must be referenced; got block {blockId} with {block.ReferenceCount} references");
        }

        if (--block.ReferenceCount > 0)
        {
            return;
        }

        if (block.IsPublished)
        {
            _free.PushTail(blockId);
        }
        else
        {
            _free.PushHead(blockId);
        }
    }

    /// <summary>Makes a full, referenced block findable. Does nothing when it is already, or when another block holds the same content.</summary>
    public void Publish(int blockId, BlockHash hash)
    {
        ref KvBlock block = ref _blocks[blockId];
        if (block.ReferenceCount < 1)
        {
            throw new EngineInvariantException($"a published block must be referenced; got block {blockId} with {block.ReferenceCount} references");
        }

        if (!block.IsPublished && _prefixCache.TryAdd(hash, blockId))
        {
            block.IsPublished = true;
            block.Hash = hash;
        }
    }

    /// <summary>Checks that free + referenced + null is all, that the queue holds exactly the free blocks and that hashes agree.</summary>
    public void CheckInvariants()
    {
        _free.CheckInvariants();
        int referenced = 0;
        int published = 0;
        for (int blockId = 1; blockId < _blocks.Length; blockId++)
        {
            KvBlock block = _blocks[blockId];
            referenced += block.ReferenceCount > 0 ? 1 : 0;
            published += block.IsPublished ? 1 : 0;
            if (block.ReferenceCount < 0 || _free.Contains(blockId) != (block.ReferenceCount == 0))
            {
                throw new EngineInvariantException(
                    $"a block must be free exactly when nobody holds it; got block {blockId} with {block.ReferenceCount} references, free {_free.Contains(blockId)}");
            }

            if (block.IsPublished && !(_prefixCache.TryFind(block.Hash, out int found) && found == blockId))
            {
                throw new EngineInvariantException($"a published block must be found under its hash; got block {blockId}");
            }
        }

        if (_free.Count + referenced + 1 != _blocks.Length || _free.Contains(NullBlock) || _blocks[NullBlock].ReferenceCount != 0)
        {
            throw new EngineInvariantException(
                $"free + referenced + null must be all blocks; got {_free.Count} + {referenced} + 1 of {_blocks.Length}");
        }

        if (published != _prefixCache.Count)
        {
            throw new EngineInvariantException($"published blocks must be the keys of the prefix cache; got {published} and {_prefixCache.Count}");
        }
    }
}
