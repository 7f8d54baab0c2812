namespace Qwen3VL.Engine.Caching;

/// <summary>
/// The block hashes of one sequence, computed once each as its blocks become full. Tokens of a sequence are only ever appended, so the
/// chain survives preemption. Owned by the sequence.
/// </summary>
internal sealed class BlockHashChain
{
    private readonly BlockHash _root;
    private readonly MediaRun[] _runs;
    private readonly List<BlockHash> _hashes = [];

    // First run whose end is behind the blocks hashed so far: runs are sorted, so each is looked at once.
    private int _firstRun;

    /// <summary>Starts a chain.</summary>
    /// <param name="root">Hash of model and dtype.</param>
    /// <param name="runs">All media runs of the sequence, by offset; owned by the chain from here.</param>
    public BlockHashChain(BlockHash root, MediaRun[] runs)
    {
        _root = root;
        _runs = runs;
    }

    /// <summary>The hash of full block <paramref name="index"/> of a sequence that knows <paramref name="knownTokenIds"/>.</summary>
    public BlockHash this[int index, ReadOnlySpan<int> knownTokenIds]
    {
        get
        {
            while (_hashes.Count <= index)
            {
                _hashes.Add(Next(knownTokenIds));
            }

            return _hashes[index];
        }
    }

    private BlockHash Next(ReadOnlySpan<int> knownTokenIds)
    {
        int start = _hashes.Count * KvBlock.Tokens;
        int end = start + KvBlock.Tokens;
        if (end > knownTokenIds.Length)
        {
            throw new EngineInvariantException($"a hashed block must be full; got block {_hashes.Count} of a sequence of {knownTokenIds.Length} tokens");
        }

        while (_firstRun < _runs.Length && _runs[_firstRun].End <= start)
        {
            _firstRun++;
        }

        int lastRun = _firstRun;
        while (lastRun < _runs.Length && _runs[lastRun].Offset < end)
        {
            lastRun++;
        }

        BlockHash parent = _hashes.Count == 0 ? _root : _hashes[^1];
        return BlockHash.Chain(parent, knownTokenIds[start..end], start, _runs.AsSpan(_firstRun, lastRun - _firstRun));
    }
}
