using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;
using Qwen3VL.Batch.Jobs;

namespace Qwen3VL.Batch.Media.Pictures;

/// <summary>Numbers at offsets of an untrusted file. Reading past the end is decode_failed. Owns the open file.</summary>
internal sealed class HeaderReader : IDisposable
{
    private readonly SafeFileHandle _file;
    private readonly string _displayName;

    /// <summary>Opens a file that the resolver has let through.</summary>
    public HeaderReader(SourceFile source)
    {
        _file = File.OpenHandle(source.Path);
        _displayName = source.DisplayName;
        Length = RandomAccess.GetLength(_file);
    }

    /// <summary>Bytes of the file.</summary>
    public long Length { get; }

    /// <summary>Fills <paramref name="buffer"/> from <paramref name="offset"/>.</summary>
    /// <exception cref="ContentException">decode_failed: the file ends before.</exception>
    public void Read(long offset, Span<byte> buffer)
    {
        if (offset < 0 || offset > Length - buffer.Length || RandomAccess.Read(_file, buffer, offset) != buffer.Length)
        {
            throw Broken("the header must be whole; the file ends inside it");
        }
    }

    /// <summary>One byte.</summary>
    public byte Byte(long offset)
    {
        Span<byte> buffer = stackalloc byte[1];
        Read(offset, buffer);
        return buffer[0];
    }

    /// <summary>Two bytes.</summary>
    public ushort UInt16(long offset, bool bigEndian)
    {
        Span<byte> buffer = stackalloc byte[sizeof(ushort)];
        Read(offset, buffer);
        return bigEndian ? BinaryPrimitives.ReadUInt16BigEndian(buffer) : BinaryPrimitives.ReadUInt16LittleEndian(buffer);
    }

    /// <summary>Four bytes.</summary>
    public uint UInt32(long offset, bool bigEndian)
    {
        Span<byte> buffer = stackalloc byte[sizeof(uint)];
        Read(offset, buffer);
        return bigEndian ? BinaryPrimitives.ReadUInt32BigEndian(buffer) : BinaryPrimitives.ReadUInt32LittleEndian(buffer);
    }

    /// <summary>Whether the file holds exactly these bytes at an offset.</summary>
    public bool Matches(long offset, ReadOnlySpan<byte> expected)
    {
        if (offset > Length - expected.Length)
        {
            return false;
        }

        Span<byte> buffer = stackalloc byte[expected.Length];
        Read(offset, buffer);
        return buffer.SequenceEqual(expected);
    }

    /// <summary>The error for a header that cannot be right.</summary>
    public ContentException Broken(string rule) => new(ErrorCodes.DecodeFailed, $"{rule} ({_displayName})");

    /// <summary>The error for a sound file of a kind that is not read.</summary>
    public ContentException Unsupported(string rule) => new(ErrorCodes.UnsupportedMedia, $"{rule} ({_displayName})");

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();
}
