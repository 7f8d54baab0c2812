using Qwen3VL.Engine.Backends;

namespace Qwen3VL.Engine.Cpu.Kernels;

/// <summary>
/// How keys and values of 16 tokens lie in memory, for one head: keys <c>[headDim][16 tokens]</c>, so that one vector holds a component of all
/// sixteen and scores need no horizontal sums; values <c>[16 tokens][headDim]</c>. Heads are padded to whole vectors of sixteen values.
/// </summary>
internal static class KvLayout
{
    /// <summary>Tokens of a block.</summary>
    internal const int BlockTokens = KvCacheShape.BlockTokens;

    /// <summary>Queries times heads that attend together over one key head: enough to use a block from the first-level cache several times.</summary>
    internal const int MaxLines = 16;

    private const int Lane = 16;

    /// <summary>Values a head takes in memory.</summary>
    internal static int PaddedHeadDim(int headDim) => (headDim + Lane - 1) / Lane * Lane;

    /// <summary>Values of one block of one head, for keys or for values.</summary>
    internal static int BlockHeadLength(int headDim) => PaddedHeadDim(headDim) * BlockTokens;
}
