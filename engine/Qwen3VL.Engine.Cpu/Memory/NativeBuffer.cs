using System.Runtime.InteropServices;

namespace Qwen3VL.Engine.Cpu.Memory;

/// <summary>
/// A piece of native memory, aligned to a cache line, that is freed exactly once: by <see cref="SafeHandle.Dispose()"/>, or by the finalizer
/// when an owner forgot it. Uninitialised unless asked for.
/// </summary>
internal sealed unsafe class NativeBuffer : SafeHandle
{
    /// <summary>A cache line, and the widest vector.</summary>
    internal const int Alignment = 64;

    // Two huge pages: below that, at most one would fit and its alignment would waste as much.
    private const long LargeBytes = 2L * HugePages.SizeBytes;

    // A quiet NaN that no computation produces.
    private const uint PoisonBits = 0x7fc0dead;

    // All buffers of the process: backends beside each other share the machine.
    private static long _heldBytes;

    private readonly long _bytes;
    private long _usedLength;

    private NativeBuffer(void* memory, long length)
        : base(0, ownsHandle: true)
    {
        SetHandle((nint)memory);
        Length = length;
        _bytes = BytesOf(length);
    }

    /// <inheritdoc/>
    public override bool IsInvalid => handle == 0;

    /// <summary>Values it holds.</summary>
    internal long Length { get; }

    /// <summary>Its first value. Valid while the buffer is not disposed.</summary>
    internal float* Pointer
    {
        get
        {
            ObjectDisposedException.ThrowIf(IsClosed, this);
            return (float*)handle;
        }
    }

    /// <summary>Allocates room for 32-bit floats.</summary>
    /// <param name="length">Values; at least one is allocated.</param>
    /// <param name="zeroed">Whether they start as zero.</param>
    /// <exception cref="InsufficientMemoryException">The machine has no room beside the live buffers; the message has the bytes asked for.</exception>
    internal static NativeBuffer Allocate(long length, bool zeroed = false)
    {
        long bytes = BytesOf(length);
        Account(bytes);
        try
        {
            return new NativeBuffer(AllocateAligned(bytes, zeroed), length);
        }
        catch (Exception exception)
        {
            Interlocked.Add(ref _heldBytes, -bytes);
            if (exception is OutOfMemoryException)
            {
                throw new InsufficientMemoryException($"memory must hold {bytes} more bytes; got an allocation failure", exception);
            }

            throw;
        }
    }

    /// <summary>Fills the buffer with a NaN of its own, to be checked behind <paramref name="usedLength"/>.</summary>
    internal void Poison(long usedLength)
    {
        _usedLength = usedLength;
        var bits = (uint*)Pointer;
        for (long i = 0; i < Length; i++)
        {
            bits[i] = PoisonBits;
        }
    }

    /// <summary>Checks that nothing behind the used part has changed since <see cref="Poison"/>.</summary>
    /// <exception cref="EngineInvariantException">Something has.</exception>
    internal void CheckPoison()
    {
        var bits = (uint*)Pointer;
        for (long i = _usedLength; i < Length; i++)
        {
            if (bits[i] != PoisonBits)
            {
                throw new EngineInvariantException($"memory behind {_usedLength} values must stay untouched; got a write at {i}");
            }
        }
    }

    /// <inheritdoc/>
    protected override bool ReleaseHandle()
    {
        NativeMemory.AlignedFree((void*)handle);
        Interlocked.Add(ref _heldBytes, -_bytes);
        return true;
    }

    // Counted only when it fits: what is refused must not, not even for a moment, take the room of others who ask at the same time.
    private static void Account(long bytes)
    {
        long available = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        long held = Volatile.Read(ref _heldBytes);
        while (true)
        {
            if (available > 0 && bytes > available - held)
            {
                throw new InsufficientMemoryException($"memory must hold {bytes} more bytes; got a machine of {available} with {held} in use");
            }

            long seen = Interlocked.CompareExchange(ref _heldBytes, held + bytes, held);
            if (seen == held)
            {
                return;
            }

            held = seen;
        }
    }

    private static long BytesOf(long length) => checked(Math.Max(length, 1) * sizeof(float));

    private static void* AllocateAligned(long bytes, bool zeroed)
    {
        bool isLarge = bytes >= LargeBytes;
        void* memory = NativeMemory.AlignedAlloc((nuint)bytes, (nuint)(isLarge ? HugePages.SizeBytes : Alignment));
        if (isLarge)
        {
            HugePages.Advise(memory, bytes);
        }

        if (zeroed)
        {
            NativeMemory.Clear(memory, (nuint)bytes);
        }

        return memory;
    }
}
