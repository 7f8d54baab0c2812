namespace Qwen3VL.Engine.Tests.Processing;

/// <summary>
/// Antialiased bicubic by its formula: each output sample is the mean of all input samples, weighted by Keys' cubic (a = -0.5) of their
/// distance, stretched when the axis shrinks. In 64-bit floats, without windows, tables or fixed point.
/// </summary>
internal static class SlowBicubic
{
    public static byte[] Rows(byte[] pixels, int width, int height, int toWidth)
    {
        byte[] output = new byte[toWidth * height * 3];
        for (int y = 0; y < height; y++)
        {
            for (int channel = 0; channel < 3; channel++)
            {
                int line = y * width * 3;
                for (int x = 0; x < toWidth; x++)
                {
                    output[(((y * toWidth) + x) * 3) + channel] = Sample(width, toWidth, x, i => pixels[line + (i * 3) + channel]);
                }
            }
        }

        return output;
    }

    public static byte[] Columns(byte[] pixels, int width, int height, int toHeight)
    {
        byte[] output = new byte[width * toHeight * 3];
        for (int at = 0; at < width * 3; at++)
        {
            for (int y = 0; y < toHeight; y++)
            {
                output[(y * width * 3) + at] = Sample(height, toHeight, y, i => pixels[(i * width * 3) + at]);
            }
        }

        return output;
    }

    private static byte Sample(int inputSize, int outputSize, int index, Func<int, byte> input)
    {
        if (inputSize == outputSize)
        {
            return input(index);
        }

        double scale = (double)inputSize / outputSize;
        double stretch = Math.Max(scale, 1);
        double center = scale * (index + 0.5);
        double sum = 0;
        double total = 0;
        for (int i = 0; i < inputSize; i++)
        {
            double weight = Cubic(Math.Abs(i + 0.5 - center) / stretch);
            sum += weight * input(i);
            total += weight;
        }

        return (byte)Math.Clamp(Math.Floor((sum / total) + 0.5), 0, 255);
    }

    private static double Cubic(double x) => x switch
    {
        < 1 => (1.5 * x * x * x) - (2.5 * x * x) + 1,
        < 2 => (-0.5 * x * x * x) + (2.5 * x * x) - (4 * x) + 2,
        _ => 0,
    };
}
