using System.Text;

namespace Qwen3VL.Engine.Constraints;

/// <summary>Ranges of characters as sequences of ranges of bytes. Stateless.</summary>
/// <remarks>The way of splitting is that of Russ Cox, "Regular Expression Matching in the Wild" (UTF-8 in RE2).</remarks>
internal static class Utf8Ranges
{
    private static readonly int[] LastOfLength = [0x7F, 0x7FF, 0xFFFF, 0x10FFFF];

    /// <summary>Sequences that together are exactly the characters from low to high; surrogates must not be among them.</summary>
    public static IEnumerable<(byte Low, byte High)[]> Split(int low, int high)
    {
        foreach (int last in LastOfLength)
        {
            if (low <= last && high > last)
            {
                return [.. Split(low, last), .. Split(last + 1, high)];
            }
        }

        // Continuation bytes below the first that differs must span their whole range.
        for (int bits = 6; bits <= 18; bits += 6)
        {
            int mask = (1 << bits) - 1;
            if ((low & ~mask) == (high & ~mask))
            {
                break;
            }

            if ((low & mask) != 0)
            {
                return [.. Split(low, low | mask), .. Split((low | mask) + 1, high)];
            }

            if ((high & mask) != mask)
            {
                return [.. Split(low, (high & ~mask) - 1), .. Split(high & ~mask, high)];
            }
        }

        byte[] first = Encode(low);
        byte[] end = Encode(high);
        return [[.. first.Zip(end)]];
    }

    private static byte[] Encode(int value)
    {
        Span<byte> bytes = stackalloc byte[4];
        return bytes[..new Rune(value).EncodeToUtf8(bytes)].ToArray();
    }
}
