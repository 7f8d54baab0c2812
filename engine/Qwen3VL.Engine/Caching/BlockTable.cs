namespace Qwen3VL.Engine.Caching;

/// <summary>
/// The blocks of one sequence in token order: token t lies in slot <c>this[t / 16] * 16 + t % 16</c>. Grows at its end only, until it is
/// freed. Owned by its sequence, changed by <see cref="KvCacheManager"/> only.
/// </summary>
internal sealed class BlockTable
{
    private int[] _blockIds = new int[8];

    /// <summary>Blocks held.</summary>
    public int Count { get; private set; }

    /// <summary>Full blocks at the start that have been offered to the prefix cache, hits included.</summary>
    public int NumPublished { get; private set; }

    /// <summary>Tokens there is room for.</summary>
    public int NumSlots => Count * KvBlock.Tokens;

    /// <summary>The block ids; the array may be longer than <see cref="Count"/> and is replaced when the table grows.</summary>
    public int[] BlockIds => _blockIds;

    /// <summary>Block id of the block with this index.</summary>
    public int this[int index] => index < Count
        ? _blockIds[index]
        : throw new EngineInvariantException($"a block index must be below the table's count; got {index} of {Count}");

    /// <summary>The slot of a token: where its key and value are written.</summary>
    public int Slot(int tokenIndex) => (this[tokenIndex / KvBlock.Tokens] * KvBlock.Tokens) + (tokenIndex % KvBlock.Tokens);

    /// <summary>Blocks needed for a number of tokens.</summary>
    public static int BlocksFor(int numTokens) => (int)(((long)numTokens + KvBlock.Tokens - 1) / KvBlock.Tokens);

    /// <summary>Appends a block.</summary>
    internal void Append(int blockId)
    {
        if (Count == _blockIds.Length)
        {
            Array.Resize(ref _blockIds, Count * 2);
        }

        _blockIds[Count++] = blockId;
    }

    /// <summary>Notes that blocks <c>0 .. count - 1</c> have been offered.</summary>
    internal void MarkPublished(int count) => NumPublished = count;

    /// <summary>Empties the table; the caller has released the blocks.</summary>
    internal void Clear()
    {
        Array.Clear(_blockIds, 0, Count);
        Count = 0;
        NumPublished = 0;
    }
}
