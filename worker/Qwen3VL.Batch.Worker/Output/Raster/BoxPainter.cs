using System.Globalization;
using Qwen3VL.Batch.Results;
using Qwen3VL.Engine;

namespace Qwen3VL.Batch.Worker.Output.Raster;

/// <summary>Draws the boxes of a page on its raster: a frame and a tag with the number that the table beside it uses.</summary>
internal static class BoxPainter
{
    // A frame of 1/256 of the longer side is visible and hides no letter stroke; two pixels at the sizes the bundled model reads.
    private const int SidePerStroke = 256;

    /// <summary>The page with its boxes; the picture given is not changed.</summary>
    /// <param name="page">The raster that pixel boxes refer to.</param>
    /// <param name="boxes">Boxes of this page in the order of their numbers, from 1.</param>
    public static RgbImage Paint(RgbImage page, IReadOnlyList<BoxResult> boxes)
    {
        Canvas canvas = new(page);
        int stroke = Math.Max(2, Math.Max(page.Width, page.Height) / SidePerStroke);
        for (int i = 0; i < boxes.Count; i++)
        {
            BoxEdges box = boxes[i].Pixels;
            int x0 = (int)Math.Floor(box.X0);
            int y0 = (int)Math.Floor(box.Y0);
            canvas.Frame(x0, y0, (int)Math.Ceiling(box.X1), (int)Math.Ceiling(box.Y1), stroke, BoxColours.Of(i));
            Tag(canvas, i + 1, x0, y0, Math.Max(1, stroke / 2), BoxColours.Of(i));
        }

        return canvas.ToImage();
    }

    // The tag sits on the box's upper left corner, above the box where there is room, so that it hides as little as possible.
    private static void Tag(Canvas canvas, int number, int boxX, int boxY, int dot, Rgb colour)
    {
        string digits = number.ToString(CultureInfo.InvariantCulture);
        int width = ((digits.Length * (DigitGlyphs.Width + 1)) + 1) * dot;
        int height = (DigitGlyphs.Height + 2) * dot;
        int left = Math.Clamp(boxX, 0, Math.Max(0, canvas.Width - width));
        int top = Math.Max(0, boxY - height);
        canvas.Fill(left, top, left + width, top + height, colour);
        for (int i = 0; i < digits.Length; i++)
        {
            int glyphLeft = left + (((i * (DigitGlyphs.Width + 1)) + 1) * dot);
            Digit(canvas, digits[i] - '0', glyphLeft, top + dot, dot);
        }
    }

    private static void Digit(Canvas canvas, int digit, int left, int top, int dot)
    {
        for (int y = 0; y < DigitGlyphs.Height; y++)
        {
            for (int x = 0; x < DigitGlyphs.Width; x++)
            {
                if (DigitGlyphs.IsSet(digit, x, y))
                {
                    canvas.Fill(left + (x * dot), top + (y * dot), left + ((x + 1) * dot), top + ((y + 1) * dot), Rgb.White);
                }
            }
        }
    }
}
