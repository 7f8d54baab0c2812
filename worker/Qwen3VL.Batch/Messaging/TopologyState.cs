namespace Qwen3VL.Batch.Messaging;

/// <summary>Whether something is on the broker as this product declares it.</summary>
internal enum TopologyState
{
    /// <summary>There, and the same as far as this user may see.</summary>
    Declared,

    /// <summary>Not there.</summary>
    Missing,

    /// <summary>There with another type or other arguments: this product cannot use it.</summary>
    Differs,
}
