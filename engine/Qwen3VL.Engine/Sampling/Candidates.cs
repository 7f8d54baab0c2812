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
    // Most nuclei of a trained model hold fewer; each further round takes eight times as many.
    private const int FirstSorted = 128;
    private const int SortedGrowth = 8;

    private readonly ulong[] _keys = new ulong[vocabularySize];
    private readonly double[] _weights = new double[vocabularySize];
    private int _numSorted;
    private float _highest;

    /// <summary>Candidates left.</summary>
    public int Count { get; private set; }

    /// <summary>Starts with every token whose logit is above minus infinity.</summary>
    /// <exception cref="EngineInvariantException">The highest logit is not a finite number.</exception>
    public void Fill(ReadOnlySpan<float> logits)
    {
        Count = 0;
        _numSorted = 0;
        float highest = float.NegativeInfinity;
        for (int tokenId = 0; tokenId < logits.Length; tokenId++)
        {
            highest = MathF.Max(highest, logits[tokenId]);
            if (logits[tokenId] > float.NegativeInfinity)
            {
                _keys[Count++] = ((ulong)~Orderable(logits[tokenId]) << 32) | (uint)tokenId;
            }
        }

        _highest = highest;
        if (!float.IsFinite(highest))
        {
            throw new EngineInvariantException($"the highest of a row of logits must be a finite number; got {highest} among {logits.Length}");
        }
    }

    /// <summary>Token id of a candidate.</summary>
    public int TokenId(int index) => (int)(uint)_keys[index];

    /// <summary>Probability weight of a candidate, relative to the most probable one; valid after <see cref="Weigh"/>.</summary>
    public double Weight(int index) => _weights[index];

    /// <summary>Keeps the <paramref name="k"/> highest logits, and whatever equals the last of them; best first.</summary>
    public void KeepTopK(int k)
    {
        if (k <= 0 || k >= Count)
        {
            return;
        }

        SortFirst(k);
        uint last = (uint)(_keys[k - 1] >> 32);
        int kept = k;
        for (int i = k; i < Count; i++)
        {
            if ((uint)(_keys[i] >> 32) == last)
            {
                (_keys[kept], _keys[i]) = (_keys[i], _keys[kept]);
                kept++;
            }
        }

        // Equals of the last one come in any order.
        _keys.AsSpan(k, kept - k).Sort();
        Count = kept;
        _numSorted = kept;
    }

    /// <summary>Turns logits into weights <c>exp((logit - highest) / temperature)</c>.</summary>
    public void Weigh(double temperature)
    {
        double highest = _highest;
        for (int i = 0; i < Count; i++)
        {
            _weights[i] = Math.Exp(((double)Logit(i) - highest) / temperature);
        }
    }

    /// <summary>
    /// Keeps the smallest set of most probable tokens that reaches <paramref name="p"/>, best first; at least one. Only as many are put in
    /// order as it takes: the first few hundred of a usual vocabulary, all of a flat one.
    /// </summary>
    public void KeepTopP(double p, double temperature)
    {
        if (p >= 1)
        {
            return;
        }

        Weigh(temperature);
        double enough = p * Total();
        double reached = 0;
        int kept = 0;
        double highest = _highest;
        while (kept < Count && (kept == 0 || reached < enough))
        {
            if (kept >= _numSorted)
            {
                SortFirst((int)Math.Min(Count, Math.Max(FirstSorted, (long)_numSorted * SortedGrowth)));
            }

            reached += Math.Exp(((double)Logit(kept++) - highest) / temperature);
        }

        Count = kept;
        _numSorted = kept;
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

    /// <summary>Puts the first <paramref name="count"/> candidates in order, best first; what is in order already stays.</summary>
    private void SortFirst(int count)
    {
        if (count <= _numSorted)
        {
            return;
        }

        KeySelection.MoveSmallestFirst(_keys.AsSpan(_numSorted, Count - _numSorted), count - _numSorted);
        _keys.AsSpan(_numSorted, count - _numSorted).Sort();
        _numSorted = count;
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
