using Qwen3VL.Engine.Backends;
using Qwen3VL.Engine.Cpu.Memory;

namespace Qwen3VL.Engine.Cpu;

/// <summary>A tensor in native memory of the pool. Objects that never leave their scope are recycled with it.</summary>
/// <param name="backend">Owner of the pool.</param>
internal sealed unsafe class CpuTensor(CpuBackend backend) : DeviceTensor(0, 1)
{
    private NativeBuffer? _buffer;

    /// <summary>The scope that frees it, or null when the caller does.</summary>
    internal TensorScope? Scope { get; set; }

    /// <summary>First value. Valid until the tensor is disposed.</summary>
    internal float* Data
    {
        get
        {
            ObjectDisposedException.ThrowIf(_buffer is null, this);
            return _buffer.Pointer;
        }
    }

    /// <summary>Whether it belongs to this backend.</summary>
    internal bool BelongsTo(CpuBackend other) => ReferenceEquals(backend, other);

    /// <summary>Makes a recycled or new object a tensor of a shape, uninitialised.</summary>
    internal void Attach(NativeBuffer buffer, int rows, int columns)
    {
        _buffer = buffer;
        Recycle(rows, columns);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing && _buffer is { } buffer)
        {
            _buffer = null;
            backend.ReturnTensorBuffer(buffer, Length);
        }
    }
}
