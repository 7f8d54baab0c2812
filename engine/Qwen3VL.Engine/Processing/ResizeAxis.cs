namespace Qwen3VL.Engine.Processing;

/// <summary>
/// Integer weights that resample one axis with antialiased bicubic (spec 5.2). Source: pytorch
/// <c>aten/src/ATen/native/cpu/UpSampleKernel.cpp</c>, the uint8 path of <c>_upsample_bicubic2d_aa</c>.
/// </summary>
internal sealed class ResizeAxis
{
    /// <summary>Keys' cubic with a = -0.5: the value the reference takes when antialiasing is on.</summary>
    private const double A = -0.5;

    /// <summary>Most fractional bits of a weight.</summary>
    private const int MaxPrecision = 22;

    /// <summary>Weights must stay below this to fit 16 bits.</summary>
    private const int WeightLimit = 1 << 15;

    private readonly int[] _firstInputs;
    private readonly int[] _counts;
    private readonly int[] _weights;
    private readonly int _maxTaps;

    /// <summary>Computes the weights that take <paramref name="inputSize"/> samples to <paramref name="outputSize"/>.</summary>
    public ResizeAxis(int inputSize, int outputSize)
    {
        double scale = (double)inputSize / outputSize;
        double support = scale >= 1 ? 2 * scale : 2;
        double inverse = scale >= 1 ? 1 / scale : 1;
        _maxTaps = ((int)Math.Ceiling(support) * 2) + 1;
        _firstInputs = new int[outputSize];
        _counts = new int[outputSize];
        double[] exact = new double[checked(outputSize * _maxTaps)];
        double largest = 0;
        for (int i = 0; i < outputSize; i++)
        {
            double center = scale * (i + 0.5);
            int first = (int)Math.Max((long)(center - support + 0.5), 0);
            int count = (int)Math.Clamp(Math.Min((long)(center + support + 0.5), inputSize) - first, 0, _maxTaps);
            Span<double> taps = exact.AsSpan(i * _maxTaps, count);
            double sum = 0;
            for (int j = 0; j < count; j++)
            {
                taps[j] = Kernel((j + first - center + 0.5) * inverse);
                sum += taps[j];
            }

            for (int j = 0; j < count; j++)
            {
                taps[j] /= sum;
                largest = Math.Max(largest, taps[j]);
            }

            _firstInputs[i] = first;
            _counts[i] = count;
        }

        Precision = ChoosePrecision(largest);
        _weights = Array.ConvertAll(exact, weight => (int)((weight * (1 << Precision)) + (weight < 0 ? -0.5 : 0.5)));
    }

    /// <summary>Output samples.</summary>
    public int OutputSize => _counts.Length;

    /// <summary>Fractional bits of the weights.</summary>
    public int Precision { get; }

    /// <summary>First input sample that output <paramref name="index"/> reads.</summary>
    public int FirstInput(int index) => _firstInputs[index];

    /// <summary>Weights of output <paramref name="index"/>, for consecutive inputs from <see cref="FirstInput"/>.</summary>
    public ReadOnlySpan<int> Weights(int index) => _weights.AsSpan(index * _maxTaps, _counts[index]);

    /// <summary>The output byte of a weighted sum that started at <see cref="RoundingStart"/>.</summary>
    public byte ToByte(int sum) => (byte)Math.Clamp(sum >> Precision, 0, 255);

    /// <summary>Half a unit: what a weighted sum starts with so that the shift rounds.</summary>
    public int RoundingStart => Precision == 0 ? 0 : 1 << (Precision - 1);

    private static int ChoosePrecision(double largestWeight)
    {
        for (int precision = 0; precision < MaxPrecision; precision++)
        {
            if ((int)(0.5 + (largestWeight * (1 << (precision + 1)))) >= WeightLimit)
            {
                return precision;
            }
        }

        return MaxPrecision;
    }

    private static double Kernel(double x)
    {
        x = Math.Abs(x);
        return x switch
        {
            < 1 => ((((A + 2) * x) - (A + 3)) * x * x) + 1,
            < 2 => (((((x - 5) * x) + 8) * x) - 4) * A,
            _ => 0,
        };
    }
}
