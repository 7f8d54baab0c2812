using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Qwen3VL.Engine.Checkpoints;

/// <summary>
/// One open safetensors file. Tensors are read by position, piece by piece, straight into the caller's memory: weights are converted and
/// repacked once, so a mapping would save no copy, and a file that shrinks under the reader gives an error instead of a fault.
/// Reads may run on several threads. Owned by <see cref="CheckpointIndex"/>.
/// </summary>
internal sealed class SafetensorsFile : IDisposable
{
    // Large enough that system calls do not count, small enough to stay in the second-level cache between read and conversion.
    private const int PieceBytes = 256 * 1024;

    private readonly SafeFileHandle _handle;

    private SafetensorsFile(string path, SafeFileHandle handle, IReadOnlyDictionary<string, SafetensorsEntry> entries)
    {
        Path = path;
        _handle = handle;
        Entries = entries;
    }

    /// <summary>Path it was opened from.</summary>
    internal string Path { get; }

    /// <summary>Tensors by name.</summary>
    internal IReadOnlyDictionary<string, SafetensorsEntry> Entries { get; }

    /// <summary>Opens a file and checks its header.</summary>
    /// <exception cref="CheckpointException">The file is missing or no safetensors file.</exception>
    internal static SafetensorsFile Open(string path)
    {
        SafeFileHandle? handle = null;
        try
        {
            handle = File.OpenHandle(path);
            var file = new SafetensorsFile(path, handle, ReadHeader(handle, path));
            handle = null;
            return file;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new CheckpointException($"{path} must be a readable file; got {exception.GetType().Name}", exception);
        }
        finally
        {
            handle?.Dispose();
        }
    }

    /// <summary>
    /// Reads values <c>[first, first + destination.Length)</c> of a BF16, F16 or F32 tensor as 32-bit floats. All three convert exactly.
    /// </summary>
    /// <exception cref="CheckpointException">The tensor has another type, or the file ends early or cannot be read.</exception>
    internal void ReadFloats(SafetensorsEntry entry, long first, Span<float> destination)
    {
        CheckRange(entry, first, destination.Length);
        int elementBytes = SafetensorsEntry.SizeOf(entry.Type);
        long offset = entry.FileOffset + first * elementBytes;
        if (entry.Type == SafetensorsType.Float32)
        {
            ReadExactly(MemoryMarshal.AsBytes(destination), offset, entry.Name);
            return;
        }

        if (entry.Type is not (SafetensorsType.BFloat16 or SafetensorsType.Float16))
        {
            throw new CheckpointException($"{Path}: dtype of {ConfigSection.Shown(entry.Name)} must be BF16, F16 or F32; got {entry.Type}");
        }

        byte[] piece = ArrayPool<byte>.Shared.Rent(PieceBytes);
        try
        {
            while (!destination.IsEmpty)
            {
                int count = Math.Min(destination.Length, PieceBytes / elementBytes);
                Span<byte> bytes = piece.AsSpan(0, count * elementBytes);
                ReadExactly(bytes, offset, entry.Name);
                Convert(entry.Type, MemoryMarshal.Cast<byte, ushort>(bytes), destination[..count]);
                destination = destination[count..];
                offset += bytes.Length;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(piece);
        }
    }

    /// <summary>Reads all bytes of a tensor of up to 2 GiB as they are in the file.</summary>
    internal byte[] ReadBytes(SafetensorsEntry entry)
    {
        var bytes = new byte[checked((int)entry.SizeBytes)];
        ReadExactly(bytes, entry.FileOffset, entry.Name);
        return bytes;
    }

    /// <summary>Reads bytes <c>[first, first + destination.Length)</c> of a tensor as they are in the file.</summary>
    /// <exception cref="CheckpointException">The file ends early or cannot be read.</exception>
    internal void ReadBytes(SafetensorsEntry entry, long first, Span<byte> destination)
    {
        if (first < 0 || first > entry.SizeBytes - destination.Length)
        {
            throw new ArgumentOutOfRangeException(
                nameof(first), $"bytes of {entry.Name} must lie in 0..{entry.SizeBytes}; got {first} + {destination.Length}");
        }

        ReadExactly(destination, entry.FileOffset + first, entry.Name);
    }

    /// <summary>Closes the file.</summary>
    public void Dispose() => _handle.Dispose();

    private static void Convert(SafetensorsType type, ReadOnlySpan<ushort> source, Span<float> destination)
    {
        if (type == SafetensorsType.BFloat16)
        {
            FloatConversion.FromBFloat16(source, destination);
        }
        else
        {
            FloatConversion.FromFloat16(source, destination);
        }
    }

    private static IReadOnlyDictionary<string, SafetensorsEntry> ReadHeader(SafeFileHandle handle, string path)
    {
        long fileBytes = RandomAccess.GetLength(handle);
        Span<byte> prefix = stackalloc byte[SafetensorsHeader.PrefixBytes];
        if (RandomAccess.Read(handle, prefix, 0) != prefix.Length)
        {
            throw new CheckpointException($"{path} must be at least {prefix.Length} bytes long; got {fileBytes}");
        }

        ulong headerBytes = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
        long limit = Math.Min(SafetensorsHeader.MaxHeaderBytes, fileBytes - prefix.Length);
        if (headerBytes > (ulong)limit)
        {
            throw new CheckpointException($"{path}: header length must be at most {limit}; got {headerBytes}");
        }

        var json = new byte[(int)headerBytes];
        ReadExactly(handle, json, prefix.Length, path, "header");
        return SafetensorsHeader.Parse(json, fileBytes, path);
    }

    private static void CheckRange(SafetensorsEntry entry, long first, int count)
    {
        if (first < 0 || first > entry.Length - count)
        {
            throw new ArgumentOutOfRangeException(nameof(first), $"values of {entry.Name} must lie in 0..{entry.Length}; got {first} + {count}");
        }
    }

    private void ReadExactly(Span<byte> destination, long offset, string tensor) => ReadExactly(_handle, destination, offset, Path, tensor);

    private static void ReadExactly(SafeFileHandle handle, Span<byte> destination, long offset, string path, string tensor)
    {
        while (!destination.IsEmpty)
        {
            int read = Read(handle, destination, offset, path, tensor);
            if (read == 0)
            {
                throw new CheckpointException($"{path}: {ConfigSection.Shown(tensor)} must have {destination.Length} more bytes at {offset}; got the end of the file");
            }

            destination = destination[read..];
            offset += read;
        }
    }

    // A disk or a network folder may fail long after the file was opened.
    private static int Read(SafeFileHandle handle, Span<byte> destination, long offset, string path, string tensor)
    {
        try
        {
            return RandomAccess.Read(handle, destination, offset);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new CheckpointException($"{path}: {ConfigSection.Shown(tensor)} must be readable; got {exception.GetType().Name}", exception);
        }
    }
}
