namespace Qwen3VL.Engine.Processing;

/// <summary>
/// Bit-exact 8-bit antialiased bicubic resize (spec 5.2): the width pass gives bytes, then the height pass. Integer arithmetic only, so the
/// result does not depend on the processor.
/// </summary>
internal static class BicubicResize
{
    private const int Channels = 3;

    /// <summary>Resizes; returns <paramref name="image"/> itself when it already has the size.</summary>
    public static RgbImage Resize(RgbImage image, PixelSize size)
    {
        RgbImage narrowed = image.Width == size.Width ? image : ResizeWidth(image, new ResizeAxis(image.Width, size.Width));
        return image.Height == size.Height ? narrowed : ResizeHeight(narrowed, new ResizeAxis(image.Height, size.Height));
    }

    private static RgbImage ResizeWidth(RgbImage image, ResizeAxis axis)
    {
        byte[] output = new byte[checked(axis.OutputSize * image.Height * Channels)];
        ReadOnlySpan<byte> input = image.Pixels.Span;
        int inputStride = image.Width * Channels;
        int written = 0;
        for (int y = 0; y < image.Height; y++)
        {
            ReadOnlySpan<byte> row = input.Slice(y * inputStride, inputStride);
            for (int x = 0; x < axis.OutputSize; x++)
            {
                ReadOnlySpan<int> weights = axis.Weights(x);
                ReadOnlySpan<byte> taps = row.Slice(axis.FirstInput(x) * Channels, weights.Length * Channels);
                int red = axis.RoundingStart;
                int green = red;
                int blue = red;
                for (int j = 0; j < weights.Length; j++)
                {
                    int weight = weights[j];
                    int at = j * Channels;
                    red += weight * taps[at];
                    green += weight * taps[at + 1];
                    blue += weight * taps[at + 2];
                }

                output[written] = axis.ToByte(red);
                output[written + 1] = axis.ToByte(green);
                output[written + 2] = axis.ToByte(blue);
                written += Channels;
            }
        }

        return new RgbImage(axis.OutputSize, image.Height, output);
    }

    private static RgbImage ResizeHeight(RgbImage image, ResizeAxis axis)
    {
        int stride = image.Width * Channels;
        byte[] output = new byte[checked(axis.OutputSize * stride)];
        ReadOnlySpan<byte> input = image.Pixels.Span;

        // Whole rows are added up at a time: the input is read in order, and one row of sums stays in the cache.
        int[] sums = new int[stride];
        for (int y = 0; y < axis.OutputSize; y++)
        {
            ReadOnlySpan<int> weights = axis.Weights(y);
            Array.Fill(sums, axis.RoundingStart);
            for (int j = 0; j < weights.Length; j++)
            {
                AddWeighted(input.Slice((axis.FirstInput(y) + j) * stride, stride), weights[j], sums);
            }

            Span<byte> row = output.AsSpan(y * stride, stride);
            for (int k = 0; k < row.Length; k++)
            {
                row[k] = axis.ToByte(sums[k]);
            }
        }

        return new RgbImage(image.Width, axis.OutputSize, output);
    }

    private static void AddWeighted(ReadOnlySpan<byte> row, int weight, Span<int> sums)
    {
        sums = sums[..row.Length];
        for (int k = 0; k < row.Length; k++)
        {
            sums[k] += weight * row[k];
        }
    }
}
