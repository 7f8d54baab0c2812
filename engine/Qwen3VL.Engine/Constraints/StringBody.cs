using System.Text;

namespace Qwen3VL.Engine.Constraints;

/// <summary>
/// The inside of a JSON string (RFC 8259, section 7) as an automaton over bytes: characters as well-formed UTF-8 (Unicode 15.0, table 3-7),
/// escapes, and <c>\u</c> escapes of code points only, high surrogates with their low ones. Whenever it is back at
/// <see cref="Start"/> one more character is complete. The closing quotation mark is not part of it.
/// </summary>
internal static class StringBody
{
    /// <summary>Between two characters.</summary>
    public const int Start = 0;

    /// <summary>States.</summary>
    public const int NumStates = 20;

    private const int Escape = 1;
    private const int FirstHex = 2;
    private const int ThreeHex = 3;
    private const int TwoHex = 4;
    private const int OneHex = 5;
    private const int AfterD = 6;
    private const int HighTwoHex = 7;
    private const int HighOneHex = 8;
    private const int LowEscape = 9;
    private const int LowU = 10;
    private const int LowFirstHex = 11;
    private const int LowSecondHex = 12;
    private const int OneMore = 13;
    private const int TwoMore = 14;
    private const int ThreeMore = 15;
    private const int AfterE0 = 16;
    private const int AfterED = 17;
    private const int AfterF0 = 18;
    private const int AfterF4 = 19;

    private static readonly sbyte[] Table = MakeTable();

    /// <summary>The state behind a byte; -1 when the byte cannot stand there.</summary>
    public static int Next(int state, byte value) => Table[(state << 8) | value];

    /// <summary>The bytes of a string's inside: what must be escaped is, in its shortest form, everything else stands as UTF-8.</summary>
    public static byte[] Encode(string text)
    {
        var bytes = new List<byte>();
        Span<byte> utf8 = stackalloc byte[4];
        foreach (Rune rune in text.EnumerateRunes())
        {
            switch (rune.Value)
            {
                case '"' or '\\':
                    bytes.AddRange((byte)'\\', (byte)rune.Value);
                    break;
                case < 0x20:
                    bytes.AddRange(EncodeControl(rune.Value));
                    break;
                default:
                    bytes.AddRange(utf8[..rune.EncodeToUtf8(utf8)]);
                    break;
            }
        }

        return [.. bytes];
    }

    private static byte[] EncodeControl(int value) => value switch
    {
        '\b' => [.. "\\b"u8],
        '\t' => [.. "\\t"u8],
        '\n' => [.. "\\n"u8],
        '\f' => [.. "\\f"u8],
        '\r' => [.. "\\r"u8],
        _ => Encoding.ASCII.GetBytes($"\\u{value:x4}"),
    };

    private static sbyte[] MakeTable()
    {
        var table = new sbyte[NumStates << 8];
        Array.Fill(table, (sbyte)-1);
        Set(Start, 0x20, 0x7F, Start);
        Clear(Start, (byte)'"');
        Set(Start, '\\', '\\', Escape);
        foreach (char escaped in "\"\\/bfnrt")
        {
            Set(Escape, escaped, escaped, Start);
        }

        Set(Escape, 'u', 'u', FirstHex);
        SetHex(FirstHex, ThreeHex);
        Set(FirstHex, 'd', 'd', AfterD);
        Set(FirstHex, 'D', 'D', AfterD);
        SetHex(ThreeHex, TwoHex);
        SetHex(TwoHex, OneHex);
        SetHex(OneHex, Start);
        Set(AfterD, '0', '7', TwoHex);
        Set(AfterD, '8', '9', HighTwoHex);
        Set(AfterD, 'a', 'b', HighTwoHex);
        Set(AfterD, 'A', 'B', HighTwoHex);
        SetHex(HighTwoHex, HighOneHex);
        SetHex(HighOneHex, LowEscape);
        Set(LowEscape, '\\', '\\', LowU);
        Set(LowU, 'u', 'u', LowFirstHex);
        Set(LowFirstHex, 'd', 'd', LowSecondHex);
        Set(LowFirstHex, 'D', 'D', LowSecondHex);
        Set(LowSecondHex, 'c', 'f', TwoHex);
        Set(LowSecondHex, 'C', 'F', TwoHex);
        SetUtf8();
        return table;

        void SetUtf8()
        {
            Set(Start, 0xC2, 0xDF, OneMore);
            Set(Start, 0xE1, 0xEF, TwoMore);
            Set(Start, 0xE0, 0xE0, AfterE0);
            Set(Start, 0xED, 0xED, AfterED);
            Set(Start, 0xF0, 0xF0, AfterF0);
            Set(Start, 0xF1, 0xF3, ThreeMore);
            Set(Start, 0xF4, 0xF4, AfterF4);
            Set(OneMore, 0x80, 0xBF, Start);
            Set(TwoMore, 0x80, 0xBF, OneMore);
            Set(ThreeMore, 0x80, 0xBF, TwoMore);
            Set(AfterE0, 0xA0, 0xBF, OneMore);
            Set(AfterED, 0x80, 0x9F, OneMore);
            Set(AfterF0, 0x90, 0xBF, TwoMore);
            Set(AfterF4, 0x80, 0x8F, TwoMore);
        }

        void SetHex(int from, int to)
        {
            Set(from, '0', '9', to);
            Set(from, 'a', 'f', to);
            Set(from, 'A', 'F', to);
        }

        void Set(int from, int low, int high, int to) => Array.Fill(table, (sbyte)to, (from << 8) | low, high - low + 1);

        void Clear(int from, int value) => table[(from << 8) | value] = -1;
    }
}
