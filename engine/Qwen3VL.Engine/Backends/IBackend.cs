namespace Qwen3VL.Engine.Backends;

/// <summary>A device: memory, weights, caches and the kernels over them. Used by one thread, the engine's.</summary>
public interface IBackend : IDisposable
{
    /// <summary>For people and logs, for example <c>cpu f32 AVX-512 2 threads</c>.</summary>
    string Name { get; }

    /// <summary>The operations.</summary>
    IKernels Kernels { get; }

    /// <summary>What lives on the device now.</summary>
    BackendStatistics Statistics { get; }

    /// <summary>Opens a scope that owns the tensors returned until it is disposed.</summary>
    ITensorScope OpenScope();

    /// <summary>Copies values to a new tensor of the innermost scope.</summary>
    DeviceTensor Upload(ReadOnlySpan<float> values, int rows, int columns);

    /// <summary>Copies a tensor to the host. <paramref name="destination"/> has exactly its length.</summary>
    void Download(DeviceTensor tensor, Span<float> destination);

    /// <summary>Copies a weight to the device from 32-bit floats, row-major <c>[rows, columns]</c>.</summary>
    Weight CreateWeight(string name, ReadOnlySpan<float> values, int rows, int columns);

    /// <summary>
    /// Copies a weight to the device piece by piece, so that no second copy of a large one is ever held. A matrix stays in the type that it
    /// comes in and counts as its exact 32-bit values; a vector may be widened.
    /// </summary>
    /// <param name="description">Shape, type and scales.</param>
    /// <param name="read">
    /// Called until every row is read once, with pieces of bounded size in any order and possibly on several threads; what it throws leaves
    /// nothing behind.
    /// </param>
    /// <exception cref="ArgumentException">The description fits no weight.</exception>
    Weight CreateWeight(WeightDescription description, WeightRowReader read);

    /// <summary>Allocates a KV cache, zeroed.</summary>
    /// <exception cref="InsufficientMemoryException">The device has no room; the message has the bytes asked for.</exception>
    KvCache CreateKvCache(KvCacheShape shape);

    /// <summary>Bytes that a cache of a shape takes for one token over all layers, padding included: exact for whole blocks.</summary>
    long KvBytesPerToken(KvCacheShape shape);

    /// <summary>Bytes a cached value takes on this backend.</summary>
    int KvElementBytes { get; }
}
