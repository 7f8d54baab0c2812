using Qwen3VL.Engine.Backends;

namespace Qwen3VL.Engine.Contract;

/// <summary>
/// What every kernel means, one value at a time and in double precision: the specification that backends are compared with. Arrays are
/// row-major.
/// </summary>
internal static class ScalarKernels
{
    internal static float[] Linear(float[] x, float[] weight, float[]? bias, int rows, int outputs)
    {
        int depth = rows == 0 ? 0 : x.Length / rows;
        return Fill(rows, outputs, (row, output) =>
        {
            double sum = bias?[output] ?? 0;
            for (int i = 0; i < depth; i++)
            {
                sum += (double)x[row * depth + i] * weight[output * depth + i];
            }

            return sum;
        });
    }

    internal static float[] RmsNorm(float[] x, float[] weight, float epsilon)
    {
        int size = weight.Length;
        return Fill(x.Length / size, size, (group, i) =>
        {
            double sum = x.AsSpan(group * size, size).ToArray().Sum(value => (double)value * value);
            return x[group * size + i] / Math.Sqrt(sum / size + epsilon) * weight[i];
        });
    }

    internal static float[] LayerNorm(float[] x, float[] weight, float[] bias, float epsilon)
    {
        int size = weight.Length;
        return Fill(x.Length / size, size, (row, i) =>
        {
            float[] values = x.AsSpan(row * size, size).ToArray();
            double mean = values.Average(value => (double)value);
            double variance = values.Average(value => (value - mean) * (value - mean));
            return (values[i] - mean) / Math.Sqrt(variance + epsilon) * weight[i] + bias[i];
        });
    }

    /// <summary>One row through its experts; matrices are row-major, one of each kind an expert.</summary>
    internal static double[] MixtureOfExperts(float[] x, float[] logits, float[][] gate, float[][] up, float[][] down, int topK)
    {
        int[] chosen = Enumerable.Range(0, logits.Length).OrderByDescending(expert => logits[expert]).ThenBy(expert => expert).Take(topK).ToArray();
        double total = chosen.Sum(expert => Math.Exp((double)logits[expert] - logits[chosen[0]]));
        var result = new double[x.Length];
        foreach (int expert in chosen)
        {
            double weight = Math.Exp((double)logits[expert] - logits[chosen[0]]) / total;
            int width = gate[expert].Length / x.Length;
            double[] inner = Enumerable.Range(0, width)
                .Select(i => Silu(Dot(x, gate[expert].AsSpan(i * x.Length, x.Length))) * Dot(x, up[expert].AsSpan(i * x.Length, x.Length)))
                .ToArray();
            for (int i = 0; i < result.Length; i++)
            {
                for (int j = 0; j < width; j++)
                {
                    result[i] += weight * inner[j] * down[expert][i * width + j];
                }
            }
        }

        return result;
    }

    internal static double Silu(double x) => x / (1 + Math.Exp(-x));

    internal static double Gelu(double x, GeluKind kind) => kind == GeluKind.Tanh
        ? 0.5 * x * (1 + Math.Tanh(Math.Sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x)))
        : 0.5 * x * (1 + Erf(x / Math.Sqrt(2)));

    internal static float[] Rotate(float[] x, float[] cos, float[] sin, int rows, int headDim)
    {
        int columns = x.Length / rows;
        int half = headDim / 2;
        return Fill(rows, columns, (row, column) =>
        {
            int inHead = column % headDim;
            int j = inHead % half;
            int head = row * columns + column - inHead;
            double c = cos[row * half + j];
            double s = sin[row * half + j];
            return inHead < half ? x[head + j] * c - x[head + j + half] * s : x[head + j + half] * c + x[head + j] * s;
        });
    }

    /// <summary>Softmax attention of one query head over the first <paramref name="visible"/> keys.</summary>
    internal static double[] Attend(ReadOnlySpan<float> query, Func<int, int, float> key, Func<int, int, float> value, int visible, float scale)
    {
        var scores = new double[visible];
        for (int t = 0; t < visible; t++)
        {
            for (int i = 0; i < query.Length; i++)
            {
                scores[t] += (double)query[i] * key(t, i) * scale;
            }
        }

        double highest = scores.Max();
        double[] weights = scores.Select(score => Math.Exp(score - highest)).ToArray();
        double total = weights.Sum();
        var result = new double[query.Length];
        for (int i = 0; i < result.Length; i++)
        {
            for (int t = 0; t < visible; t++)
            {
                result[i] += weights[t] / total * value(t, i);
            }
        }

        return result;
    }

    /// <summary>erf by its power series up to 3 and by the continued fraction of erfc beyond (Abramowitz and Stegun, 7.1.5 and 7.1.14).</summary>
    internal static double Erf(double x)
    {
        double t = Math.Abs(x);
        if (t < 3)
        {
            double term = t;
            double sum = t;
            for (int n = 1; Math.Abs(term) > 1e-18; n++)
            {
                term *= -t * t / n;
                sum += term / (2 * n + 1);
            }

            return Math.Sign(x) * 2 / Math.Sqrt(Math.PI) * sum;
        }

        double fraction = t;
        for (int n = 60; n > 0; n--)
        {
            fraction = t + n / 2.0 / fraction;
        }

        return Math.Sign(x) * (1 - Math.Exp(-t * t) / Math.Sqrt(Math.PI) / fraction);
    }

    private static double Dot(float[] a, ReadOnlySpan<float> b)
    {
        double sum = 0;
        for (int i = 0; i < a.Length; i++)
        {
            sum += (double)a[i] * b[i];
        }

        return sum;
    }

    private static float[] Fill(int rows, int columns, Func<int, int, double> value)
    {
        var result = new float[rows * columns];
        for (int i = 0; i < result.Length; i++)
        {
            result[i] = (float)value(i / columns, i % columns);
        }

        return result;
    }
}
