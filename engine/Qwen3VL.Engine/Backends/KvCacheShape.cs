namespace Qwen3VL.Engine.Backends;

/// <summary>Size of a paged KV cache.</summary>
/// <param name="Layers">Decoder layers.</param>
/// <param name="Blocks">Blocks of 16 tokens, the null block 0 included.</param>
/// <param name="KvHeads">Key/value heads.</param>
/// <param name="HeadDim">Values a head.</param>
public readonly record struct KvCacheShape(int Layers, int Blocks, int KvHeads, int HeadDim)
{
    /// <summary>Tokens in one block.</summary>
    public const int BlockTokens = 16;
}
