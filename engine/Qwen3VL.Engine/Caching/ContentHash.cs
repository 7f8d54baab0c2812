using System.Buffers.Binary;

namespace Qwen3VL.Engine.Caching;

/// <summary>A SHA-256 value as a small comparable key: of media content, or of a block's whole prefix.</summary>
/// <param name="A">Bytes 0..7, big endian.</param>
/// <param name="B">Bytes 8..15.</param>
/// <param name="C">Bytes 16..23.</param>
/// <param name="D">Bytes 24..31.</param>
internal readonly record struct ContentHash(ulong A, ulong B, ulong C, ulong D)
{
    /// <summary>Bytes of the hash.</summary>
    public const int SizeBytes = 32;

    /// <summary>Reads the 32 bytes of a SHA-256.</summary>
    /// <exception cref="ArgumentException">The length is not 32.</exception>
    public static ContentHash From(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != SizeBytes)
        {
            throw new ArgumentException($"a content hash must have {SizeBytes} bytes; got {bytes.Length}", nameof(bytes));
        }

        return new ContentHash(
            BinaryPrimitives.ReadUInt64BigEndian(bytes),
            BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]),
            BinaryPrimitives.ReadUInt64BigEndian(bytes[16..]),
            BinaryPrimitives.ReadUInt64BigEndian(bytes[24..]));
    }

    /// <summary>Writes the 32 bytes.</summary>
    public void CopyTo(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt64BigEndian(destination, A);
        BinaryPrimitives.WriteUInt64BigEndian(destination[8..], B);
        BinaryPrimitives.WriteUInt64BigEndian(destination[16..], C);
        BinaryPrimitives.WriteUInt64BigEndian(destination[24..], D);
    }

    /// <summary>The bits are uniform already: one word is a good hash code.</summary>
    public override int GetHashCode() => A.GetHashCode();
}
