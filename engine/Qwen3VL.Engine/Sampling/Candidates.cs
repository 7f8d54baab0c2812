namespace Qwen3VL.Engine.Sampling;

/// <summary>
/// The tokens that may still be drawn, with their logits: filters shrink it. Buffers are made once and reused for every token. Used by one
/// thread.
/// </summary>
/// <remarks>
/// Entries are sort keys: the upper half orders logits from high to low, the lower half is the token id. So sorting is one sort of
/// integers, equal logits are ordered by id, and nothing depends on the sort being stable.
/// </remarks>
/// <param name="vocabularySize">Most candidates.</param>
internal sealed class Candidates(int vocabularySize)
{
    private readonly ulong[] _keys = new ulong[vocabularySize];
    private readonly double[] _weights = new double[vocabularySize];
    private bool _isSorted;

    /// <summary>Candidates left.</summary>
    public int Count { get; private set; }

    /// <summary>Starts with every token whose logit is above minus infinity.</summary>
    /// <exception cref="EngineInvariantException">The highest logit is not a finite number.</exception>
    public void Fill(ReadOnlySpan<float> logits)
    {
        Count = 0;
        _isSorted = false;
        float highest = float.NegativeInfinity;
        for (int tokenId = 0; tokenId < logits.Length; tokenId++)
        {
            highest = MathF.Max(highest, logits[tokenId]);
            if (logits[tokenId] > float.NegativeInfinity)
            {
                _keys[Count++] = ((ulong)~Orderable(logits[tokenId]) << 32) | (uint)tokenId;
            }
        }

        if (!float.IsFinite(highest))
        {
            throw new EngineInvariantException($"the highest of a row of logits must be a finite number; got {highest} among {logits.Length}");
        }
    }

    /// <summary>Token id of a candidate.</summary>
    public int TokenId(int index) => (int)(uint)_keys[index];

    /// <summary>Probability weight of a candidate, relative to the most probable one; valid after <see cref="Weigh"/>.</summary>
    public double Weight(int index) => _weights[index];

    /// <summary>Keeps the <paramref name="k"/> highest logits, and whatever equals the last of them.</summary>
    public void KeepTopK(int k)
    {
        if (k <= 0 || k >= Count)
        {
            return;
        }

        Sort();
        uint last = (uint)(_keys[k - 1] >> 32);
        while (k < Count && (uint)(_keys[k] >> 32) == last)
        {
            k++;
        }

        Count = k;
    }

    /// <summary>Turns logits into weights <c>exp((logit - highest) / temperature)</c>.</summary>
    public void Weigh(double temperature)
    {
        float highest = float.NegativeInfinity;
        for (int i = 0; i < Count; i++)
        {
            highest = Math.Max(highest, Logit(i));
        }

        for (int i = 0; i < Count; i++)
        {
            _weights[i] = Math.Exp(((double)Logit(i) - highest) / temperature);
        }
    }

    /// <summary>Keeps the smallest set of most probable tokens that reaches <paramref name="p"/>; at least one.</summary>
    public void KeepTopP(double p, double temperature)
    {
        if (p >= 1)
        {
            return;
        }

        Sort();
        Weigh(temperature);
        double enough = p * Total();
        double reached = 0;
        int kept = 0;
        while (kept < Count && (kept == 0 || reached < enough))
        {
            reached += _weights[kept++];
        }

        Count = kept;
    }

    /// <summary>Drops tokens below <paramref name="minP"/> times the most probable one.</summary>
    public void KeepMinP(double minP)
    {
        if (minP <= 0)
        {
            return;
        }

        int kept = 0;
        for (int i = 0; i < Count; i++)
        {
            if (_weights[i] >= minP)
            {
                _keys[kept] = _keys[i];
                _weights[kept++] = _weights[i];
            }
        }

        Count = kept;
    }

    /// <summary>Sum of all weights.</summary>
    public double Total()
    {
        double total = 0;
        for (int i = 0; i < Count; i++)
        {
            total += _weights[i];
        }

        return total;
    }

    private void Sort()
    {
        if (!_isSorted)
        {
            _keys.AsSpan(0, Count).Sort();
            _isSorted = true;
        }
    }

    private float Logit(int index)
    {
        uint ordered = ~(uint)(_keys[index] >> 32);
        uint bits = (ordered & 0x8000_0000) != 0 ? ordered & 0x7FFF_FFFF : ~ordered;
        return BitConverter.UInt32BitsToSingle(bits);
    }

    /// <summary>An unsigned number with the order of the float.</summary>
    private static uint Orderable(float value)
    {
        uint bits = BitConverter.SingleToUInt32Bits(value);
        return (bits & 0x8000_0000) != 0 ? ~bits : bits | 0x8000_0000;
    }
}
