namespace Qwen3VL.Batch.Worker.Output.Raster;

/// <summary>
/// Colours of boxes: the same number gets the same colour in the picture and in the table. Eight hues that stay apart for most colour-blind
/// readers and are dark enough for white digits (after Okabe and Ito, "Color Universal Design", darkened).
/// </summary>
internal static class BoxColours
{
    private static readonly Rgb[] Palette =
    [
        new(0xC2, 0x3B, 0x22), new(0x00, 0x62, 0xA3), new(0x00, 0x7A, 0x5A), new(0xA0, 0x4A, 0x8A),
        new(0xB3, 0x6B, 0x00), new(0x2E, 0x7D, 0xB5), new(0x6B, 0x4E, 0xA8), new(0x5C, 0x5C, 0x5C),
    ];

    /// <summary>The colour of a box.</summary>
    /// <param name="number">From 0.</param>
    public static Rgb Of(int number) => Palette[number % Palette.Length];
}
