namespace Qwen3VL.Engine.Caching;

/// <summary>
/// Bookkeeping of one block of 16 key/value slots; the values themselves live in the backend's cache. Owned by <see cref="BlockPool"/>.
/// </summary>
/// <remarks>
/// States: <c>free</c> (no table holds it, it is in the free queue, it may still carry a hash), <c>referenced</c> (held by one or more
/// tables), <c>null</c> (block 0 only: never handed out, so that a zeroed table entry points at nobody's keys).
/// </remarks>
internal struct KvBlock
{
    /// <summary>Tokens in a block. Equal to the slots per block of the backend's cache.</summary>
    public const int Tokens = 16;

    /// <summary>Block tables that hold this block.</summary>
    public int ReferenceCount;

    /// <summary>Whether the block is full and findable under <see cref="Hash"/>.</summary>
    public bool IsPublished;

    /// <summary>Its key in the prefix cache; meaningful only when <see cref="IsPublished"/>.</summary>
    public BlockHash Hash;
}
