using System.Numerics;

namespace Qwen3VL.Engine.Cpu.Memory;

/// <summary>
/// Native buffers by size class, so that a step that looks like the one before allocates nothing. Classes are an eighth of a power of two
/// apart: at most an eighth of a buffer is waste. Used by the engine thread only; owned by <see cref="CpuBackend"/>.
/// </summary>
/// <param name="guarded">Whether buffers are filled with NaN and checked behind their end; see <see cref="CpuBackendOptions.GuardMemory"/>.</param>
internal sealed class BufferPool(bool guarded) : IDisposable
{
    // Decode steps recirculate a few megabytes; beyond this, memory of one large image is better given back to the system.
    private const long MaxRetainedValues = 128L * 1024 * 1024;

    private const long SmallestClass = 256;

    // Wider than any tile or vector that could run over the end.
    private const long GuardValues = 1024;

    private readonly Dictionary<long, Stack<NativeBuffer>> _free = [];
    private long _retainedValues;

    /// <summary>Takes a buffer of at least <paramref name="length"/> values, uninitialised.</summary>
    internal NativeBuffer Rent(long length)
    {
        long size = SizeClass(guarded ? length + GuardValues : length);
        if (_free.TryGetValue(size, out Stack<NativeBuffer>? stack) && stack.TryPop(out NativeBuffer? buffer))
        {
            _retainedValues -= size;
        }
        else
        {
            buffer = NativeBuffer.Allocate(size);
        }

        if (guarded)
        {
            buffer.Poison(length);
        }

        return buffer;
    }

    /// <summary>Gives a buffer of <see cref="Rent"/> back.</summary>
    /// <exception cref="EngineInvariantException">Guarded, and somebody wrote behind the end.</exception>
    internal void Return(NativeBuffer buffer)
    {
        if (guarded)
        {
            buffer.CheckPoison();
        }

        if (_retainedValues + buffer.Length > MaxRetainedValues)
        {
            buffer.Dispose();
            return;
        }

        if (!_free.TryGetValue(buffer.Length, out Stack<NativeBuffer>? stack))
        {
            stack = new Stack<NativeBuffer>();
            _free.Add(buffer.Length, stack);
        }

        stack.Push(buffer);
        _retainedValues += buffer.Length;
    }

    /// <summary>Frees the buffers that nobody holds.</summary>
    public void Dispose()
    {
        foreach (NativeBuffer buffer in _free.Values.SelectMany(stack => stack))
        {
            buffer.Dispose();
        }

        _free.Clear();
        _retainedValues = 0;
    }

    private static long SizeClass(long length)
    {
        if (length <= SmallestClass)
        {
            return SmallestClass;
        }

        long step = (long)(BitOperations.RoundUpToPowerOf2((ulong)length) >> 4);
        return (length + step - 1) / step * step;
    }
}
