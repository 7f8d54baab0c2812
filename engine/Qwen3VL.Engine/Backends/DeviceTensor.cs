namespace Qwen3VL.Engine.Backends;

/// <summary>
/// A row-major <c>[rows, columns]</c> matrix of 32-bit floats on a backend's device. Kernels return tensors owned by the innermost open
/// <see cref="ITensorScope"/>; a tensor taken out of its scope with <see cref="ITensorScope.Keep"/> belongs to the caller, who disposes it.
/// </summary>
public abstract class DeviceTensor : IDisposable
{
    /// <summary>Creates a tensor of a shape.</summary>
    protected DeviceTensor(int rows, int columns)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(rows);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(columns);
        Rows = rows;
        Columns = columns;
    }

    /// <summary>Rows.</summary>
    public int Rows { get; private set; }

    /// <summary>Columns.</summary>
    public int Columns { get; private set; }

    /// <summary>Values: rows x columns.</summary>
    public long Length => (long)Rows * Columns;

    /// <summary>Frees the memory. Idempotent.</summary>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Gives a recycled object the shape of its next tensor; only for an implementation that owns the object at that moment.</summary>
    protected void Recycle(int rows, int columns)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(rows);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(columns);
        Rows = rows;
        Columns = columns;
    }

    /// <summary>Frees what the implementation holds.</summary>
    protected abstract void Dispose(bool disposing);
}
