using System.Buffers.Binary;
using System.Security.Cryptography;
using Qwen3VL.Engine;

namespace Qwen3VL.Batch.Faults.Oracle;

/// <summary>
/// Pages without a renderer: the pixels follow from the file's hash and the page's number, and say both, so that the engine knows what it
/// looks at and the harness knows what it must have seen.
/// <code>
/// bytes 0..31 SHA-256 of the file | 32..35 page number, little endian | 36..39 "VQSP" | rest: SHA-256 of the first 40 bytes, repeated
/// </code>
/// </summary>
internal static class SyntheticPages
{
    /// <summary>Side of a page in pixels.</summary>
    public const int Side = 32;

    private const int HashBytes = 32;
    private const int HeaderBytes = 40;

    private static ReadOnlySpan<byte> Mark => "VQSP"u8;

    /// <summary>The picture of a page.</summary>
    /// <param name="fileSha256">Lower-case hex hash of the file.</param>
    /// <param name="pageNo">From 1.</param>
    public static RgbImage Image(string fileSha256, int pageNo) => new(Side, Side, Pixels(fileSha256, pageNo));

    /// <summary>What a picture says it is; null for one that was not made here.</summary>
    public static (string FileSha256, int PageNo)? Read(RgbImage image)
    {
        ReadOnlySpan<byte> pixels = image.Pixels.Span;
        return pixels.Length > HeaderBytes && pixels[36..HeaderBytes].SequenceEqual(Mark)
            ? (Convert.ToHexStringLower(pixels[..HashBytes]), BinaryPrimitives.ReadInt32LittleEndian(pixels[HashBytes..]))
            : null;
    }

    /// <summary>Lower-case hex hash of a picture, or of frames one after another: what results carry as the content's hash.</summary>
    public static string ContentSha256(params IReadOnlyList<RgbImage> images)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (RgbImage image in images)
        {
            hash.AppendData(image.Pixels.Span);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static byte[] Pixels(string fileSha256, int pageNo)
    {
        byte[] pixels = new byte[Side * Side * 3];
        Convert.FromHexString(fileSha256).CopyTo(pixels, 0);
        BinaryPrimitives.WriteInt32LittleEndian(pixels.AsSpan(HashBytes), pageNo);
        Mark.CopyTo(pixels.AsSpan(36));
        byte[] filler = SHA256.HashData(pixels.AsSpan(0, HeaderBytes));
        for (int at = HeaderBytes; at < pixels.Length; at++)
        {
            pixels[at] = filler[at % filler.Length];
        }

        return pixels;
    }
}
