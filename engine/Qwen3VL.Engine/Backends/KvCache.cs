namespace Qwen3VL.Engine.Backends;

/// <summary>Paged keys and values of all layers on a device. Owned by the engine core; written and read by kernels only.</summary>
/// <param name="shape">Its size.</param>
public abstract class KvCache(KvCacheShape shape) : IDisposable
{
    /// <summary>Its size.</summary>
    public KvCacheShape Shape { get; } = shape;

    /// <summary>Bytes it holds, padding included.</summary>
    public abstract long SizeBytes { get; }

    /// <summary>Frees the memory. Idempotent.</summary>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Frees what the implementation holds.</summary>
    protected abstract void Dispose(bool disposing);
}
