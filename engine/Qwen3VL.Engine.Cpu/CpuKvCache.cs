using Qwen3VL.Engine.Backends;
using Qwen3VL.Engine.Cpu.Kernels;
using Qwen3VL.Engine.Cpu.Memory;

namespace Qwen3VL.Engine.Cpu;

/// <summary>
/// Keys and values in native memory as 32-bit floats: <c>[layer][keys, values][block][head]</c>, each block of a head as
/// <see cref="KvLayout"/>.
/// </summary>
internal sealed unsafe class CpuKvCache : KvCache
{
    private readonly CpuBackend _backend;
    private NativeBuffer? _buffer;

    /// <summary>Allocates a zeroed cache.</summary>
    internal CpuKvCache(CpuBackend backend, KvCacheShape shape)
        : base(shape)
    {
        _backend = backend;
        BlockStride = checked((long)shape.KvHeads * KvLayout.BlockHeadLength(shape.HeadDim));
        _buffer = NativeBuffer.Allocate(checked(2 * BlockStride * shape.Blocks * shape.Layers), zeroed: true);
        backend.KvBytes += _buffer.Length * sizeof(float);
    }

    /// <inheritdoc/>
    public override long SizeBytes => _backend.KvBytesPerToken(Shape) * Shape.Blocks * KvCacheShape.BlockTokens;

    /// <summary>Values between two blocks of a layer.</summary>
    internal long BlockStride { get; }

    /// <summary>Whether it belongs to this backend.</summary>
    internal bool BelongsTo(CpuBackend other) => ReferenceEquals(_backend, other);

    /// <summary>Keys of a layer: block 0, head 0.</summary>
    internal float* Keys(int layer) => Buffer.Pointer + 2 * (long)layer * Shape.Blocks * BlockStride;

    /// <summary>Values of a layer: block 0, head 0.</summary>
    internal float* Values(int layer) => Buffer.Pointer + (2 * (long)layer + 1) * Shape.Blocks * BlockStride;

    private NativeBuffer Buffer
    {
        get
        {
            ObjectDisposedException.ThrowIf(_buffer is null, this);
            return _buffer;
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing && _buffer is { } buffer)
        {
            _buffer = null;
            _backend.KvBytes -= buffer.Length * sizeof(float);
            buffer.Dispose();
        }
    }
}
