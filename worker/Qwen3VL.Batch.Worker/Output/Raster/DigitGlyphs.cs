namespace Qwen3VL.Batch.Worker.Output.Raster;

/// <summary>The ten digits as 3 x 5 dots: all the lettering that box numbers need.</summary>
internal static class DigitGlyphs
{
    /// <summary>Dots a row.</summary>
    public const int Width = 3;

    /// <summary>Rows.</summary>
    public const int Height = 5;

    // Each glyph: five rows from the top, three bits a row, the leftmost dot is the highest bit.
    private static readonly byte[][] Rows =
    [
        [0b111, 0b101, 0b101, 0b101, 0b111],
        [0b010, 0b110, 0b010, 0b010, 0b111],
        [0b111, 0b001, 0b111, 0b100, 0b111],
        [0b111, 0b001, 0b111, 0b001, 0b111],
        [0b101, 0b101, 0b111, 0b001, 0b001],
        [0b111, 0b100, 0b111, 0b001, 0b111],
        [0b111, 0b100, 0b111, 0b101, 0b111],
        [0b111, 0b001, 0b010, 0b010, 0b010],
        [0b111, 0b101, 0b111, 0b101, 0b111],
        [0b111, 0b101, 0b111, 0b001, 0b111],
    ];

    /// <summary>Whether a dot of a digit is set.</summary>
    public static bool IsSet(int digit, int x, int y) => (Rows[digit][y] >> (Width - 1 - x) & 1) != 0;
}
