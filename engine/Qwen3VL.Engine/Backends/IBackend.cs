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
    /// Copies a weight <c>[rows, columns]</c> to the device piece by piece, so that no second copy of a large one is ever held.
    /// </summary>
    /// <param name="name">Checkpoint name.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="columns">Columns.</param>
    /// <param name="read">Called with ascending first rows until every row is read; what it throws leaves nothing behind.</param>
    Weight CreateWeight(string name, int rows, int columns, WeightRowReader read);

    /// <summary>Allocates a KV cache, zeroed.</summary>
    /// <exception cref="InsufficientMemoryException">The device has no room; the message has the bytes asked for.</exception>
    KvCache CreateKvCache(KvCacheShape shape);

    /// <summary>Bytes that a cache of a shape takes for one token over all layers, padding included: exact for whole blocks.</summary>
    long KvBytesPerToken(KvCacheShape shape);

    /// <summary>Bytes a cached value takes on this backend.</summary>
    int KvElementBytes { get; }
}
