using Qwen3VL.Engine.Backends;
using Shouldly;

namespace Qwen3VL.Engine.Contract;

/// <summary>
/// What every backend's kernels must do: equal the scalar specification at every length around the vector widths and at odd shapes, give a
/// row the same result whatever stands beside it, and refuse shapes that do not fit.
/// </summary>
public abstract partial class KernelContract : IDisposable
{
    /// <summary>Twice the widest vector in use and one more: every tail length occurs.</summary>
    private const int LongestShortRow = 33;

    private const int Seed = 20240607;

    private readonly Random _random = new(Seed);
    private IBackend? _backend;

    /// <summary>Relative error of one value against double precision; sums scale it by their magnitude.</summary>
    protected virtual double Epsilon => 1e-6;

    /// <summary>The backend under test, made on first use.</summary>
    protected IBackend Backend => _backend ??= CreateBackend();

    public void Dispose()
    {
        _backend?.Statistics.ShouldBe(default, "every tensor, weight and cache must be freed");
        _backend?.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>A fresh backend; the suite disposes it.</summary>
    protected abstract IBackend CreateBackend();

    /// <summary>Values in -1..1 with a few zeros.</summary>
    protected float[] Values(int length) =>
        Enumerable.Range(0, length).Select(i => i % 11 == 7 ? 0 : _random.NextSingle() * 2 - 1).ToArray();

    private float[] Download(DeviceTensor tensor)
    {
        var values = new float[tensor.Length];
        Backend.Download(tensor, values);
        return values;
    }

    /// <summary>Compares with a tolerance of epsilon times the magnitude that the sums of this result reach.</summary>
    private void ShouldMatch(float[] actual, float[] expected, double magnitude, string what)
    {
        actual.Length.ShouldBe(expected.Length, what);
        for (int i = 0; i < actual.Length; i++)
        {
            double difference = Math.Abs((double)actual[i] - expected[i]);
            double tolerance = Epsilon * (magnitude + Math.Abs(expected[i]));
            (difference <= tolerance).ShouldBeTrue($"{what}, seed {Seed}: [{i}] {actual[i]:R} against {expected[i]:R}, tolerance {tolerance:E2}");
        }
    }

    private static void ShouldBeSame(float[] actual, float[] expected, string what) =>
        actual.AsSpan().SequenceEqual(expected).ShouldBeTrue($"{what}, seed {Seed}: rows must be equal to the last bit");
}
