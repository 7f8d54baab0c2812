using Qwen3VL.Engine;

namespace Qwen3VL.Batch.Worker.Output.Raster;

/// <summary>A copy of a picture that can be drawn on. Everything is clipped at the edges. Owner: the caller; one thread.</summary>
internal sealed class Canvas
{
    private readonly byte[] _pixels;

    /// <summary>Copies a picture.</summary>
    public Canvas(RgbImage image)
    {
        Width = image.Width;
        Height = image.Height;
        _pixels = image.Pixels.ToArray();
    }

    /// <summary>Width in pixels.</summary>
    public int Width { get; }

    /// <summary>Height in pixels.</summary>
    public int Height { get; }

    /// <summary>Fills <c>[x0, x1) x [y0, y1)</c>.</summary>
    public void Fill(int x0, int y0, int x1, int y1, Rgb colour)
    {
        int left = Math.Max(0, x0);
        int right = Math.Min(Width, x1);
        for (int y = Math.Max(0, y0); y < Math.Min(Height, y1); y++)
        {
            for (int x = left; x < right; x++)
            {
                int at = ((y * Width) + x) * 3;
                _pixels[at] = colour.R;
                _pixels[at + 1] = colour.G;
                _pixels[at + 2] = colour.B;
            }
        }
    }

    /// <summary>Draws a frame whose outer edge is <c>[x0, x1) x [y0, y1)</c>.</summary>
    public void Frame(int x0, int y0, int x1, int y1, int thickness, Rgb colour)
    {
        Fill(x0, y0, x1, y0 + thickness, colour);
        Fill(x0, y1 - thickness, x1, y1, colour);
        Fill(x0, y0, x0 + thickness, y1, colour);
        Fill(x1 - thickness, y0, x1, y1, colour);
    }

    /// <summary>What was drawn, as a picture of its own.</summary>
    public RgbImage ToImage() => new(Width, Height, _pixels.ToArray());
}
