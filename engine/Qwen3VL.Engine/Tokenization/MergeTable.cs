using System.Numerics;

namespace Qwen3VL.Engine.Tokenization;

/// <summary>
/// What pairs of tokens become: open addressing over one flat array, four slots a cache line, because most look-ups of text are misses that a
/// chained dictionary answers at twice the cost. Built once, then read by any number of threads.
/// </summary>
internal sealed class MergeTable
{
    private readonly Slot[] _slots;
    private readonly int _shift;

    /// <summary>Makes room for <paramref name="count"/> merges.</summary>
    public MergeTable(int count)
    {
        // At most two thirds full, so that a miss ends after two or three neighbours.
        int bits = BitOperations.Log2((uint)(count + (count / 2) + 1)) + 1;
        _slots = new Slot[1 << bits];
        _shift = 64 - bits;
    }

    /// <summary>Sets what a pair becomes; at most as many pairs as there is room for.</summary>
    public void Set(int left, int right, Merge merge) => _slots[Find(left, right)] = new Slot(left, right, merge.Rank + 1, merge.TokenId);

    /// <summary>What a pair becomes.</summary>
    public bool TryGet(int left, int right, out Merge merge)
    {
        Slot slot = _slots[Find(left, right)];
        merge = new Merge(slot.RankPlusOne - 1, slot.TokenId);
        return slot.RankPlusOne != 0;
    }

    private int Find(int left, int right)
    {
        const ulong Mixer = 0x9E37_79B9_7F4A_7C15;
        Slot[] slots = _slots;
        int index = (int)(((((ulong)(uint)left << 32) | (uint)right) * Mixer) >> _shift);
        while (slots[index].RankPlusOne != 0 && (slots[index].Left != left || slots[index].Right != right))
        {
            index = (index + 1) & (slots.Length - 1);
        }

        return index;
    }

    /// <summary>A pair and its merge; an empty slot is all zero.</summary>
    private readonly record struct Slot(int Left, int Right, int RankPlusOne, int TokenId);
}
