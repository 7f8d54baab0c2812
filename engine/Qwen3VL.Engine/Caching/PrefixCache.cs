namespace Qwen3VL.Engine.Caching;

/// <summary>Which block holds which hashed content. Integers only; changed by <see cref="BlockPool"/>.</summary>
/// <remarks>
/// One block per hash. A sequence that computed content which another block already holds keeps its own block unpublished: tables stay
/// append-only, and the duplicate is the first to be reused when freed.
/// </remarks>
internal sealed class PrefixCache
{
    private readonly Dictionary<BlockHash, int> _blocks = [];

    /// <summary>Published blocks.</summary>
    public int Count => _blocks.Count;

    /// <summary>Finds the block that holds this content.</summary>
    public bool TryFind(BlockHash hash, out int blockId) => _blocks.TryGetValue(hash, out blockId);

    /// <summary>Enters a block; false when another block already holds this content.</summary>
    public bool TryAdd(BlockHash hash, int blockId) => _blocks.TryAdd(hash, blockId);

    /// <summary>Forgets a block's content.</summary>
    /// <exception cref="EngineInvariantException">The hash does not name this block.</exception>
    public void Remove(BlockHash hash, int blockId)
    {
        if (!_blocks.Remove(hash, out int found) || found != blockId)
        {
            throw new EngineInvariantException($"an evicted block must be under its own hash; got block {blockId}, found {found} among {Count}");
        }
    }
}
