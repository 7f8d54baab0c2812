using System.Numerics;

namespace Qwen3VL.Engine.Sampling;

/// <summary>A set of token ids, one bit each. Not thread-safe while it changes.</summary>
internal sealed class TokenMask
{
    private const int BitsPerWord = 64;

    private readonly ulong[] _words;

    /// <summary>Creates a mask over ids 0 to <paramref name="numTokens"/> - 1.</summary>
    /// <param name="numTokens">Ids.</param>
    /// <param name="containsAll">Whether every id is in it at first.</param>
    public TokenMask(int numTokens, bool containsAll = false)
    {
        NumTokens = numTokens;
        _words = new ulong[(numTokens + BitsPerWord - 1) / BitsPerWord];
        if (containsAll)
        {
            for (int tokenId = 0; tokenId < numTokens; tokenId++)
            {
                Add(tokenId);
            }
        }
    }

    /// <summary>Ids that it covers.</summary>
    public int NumTokens { get; }

    /// <summary>Its bits, lowest id first.</summary>
    public Span<ulong> Words => _words;

    /// <summary>Ids in it.</summary>
    public int Count
    {
        get
        {
            int count = 0;
            foreach (ulong word in _words)
            {
                count += BitOperations.PopCount(word);
            }

            return count;
        }
    }

    /// <summary>Whether an id is in it; ids outside never are.</summary>
    public bool Contains(int tokenId) =>
        (uint)tokenId < (uint)NumTokens && (_words[tokenId / BitsPerWord] >> (tokenId % BitsPerWord) & 1) != 0;

    /// <summary>Puts an id in.</summary>
    public void Add(int tokenId) => _words[tokenId / BitsPerWord] |= 1UL << (tokenId % BitsPerWord);

    /// <summary>Takes an id out.</summary>
    public void Remove(int tokenId) => _words[tokenId / BitsPerWord] &= ~(1UL << (tokenId % BitsPerWord));

    /// <summary>Sets the logits of all ids outside it to minus infinity.</summary>
    /// <param name="logits"><c>[tokens]</c>.</param>
    public void Apply(Span<float> logits)
    {
        for (int word = 0; word < _words.Length; word++)
        {
            int first = word * BitsPerWord;
            int count = Math.Min(BitsPerWord, logits.Length - first);
            ulong bits = _words[word];
            if (bits == 0)
            {
                logits.Slice(first, count).Fill(float.NegativeInfinity);
            }
            else if (bits != ulong.MaxValue)
            {
                for (int i = 0; i < count; i++)
                {
                    if ((bits >> i & 1) == 0)
                    {
                        logits[first + i] = float.NegativeInfinity;
                    }
                }
            }
        }
    }
}
