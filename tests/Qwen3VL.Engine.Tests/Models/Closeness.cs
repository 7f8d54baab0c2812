using Shouldly;

namespace Qwen3VL.Engine.Tests.Models;

/// <summary>Compares against a reference: absolute and relative tolerance, reporting the worst value and the first bad index.</summary>
internal static class Closeness
{
    internal static void ShouldBeClose(ReadOnlySpan<float> actual, ReadOnlySpan<float> expected, double absolute, string what, double relative = 0)
    {
        actual.Length.ShouldBe(expected.Length, what);
        int first = -1;
        double worst = 0;
        for (int i = 0; i < actual.Length; i++)
        {
            double difference = Math.Abs((double)actual[i] - expected[i]);
            worst = Math.Max(worst, difference);
            if (first < 0 && !(difference <= absolute + relative * Math.Abs(expected[i])))
            {
                first = i;
            }
        }

        first.ShouldBe(-1, $"{what}: {(first < 0 ? 0 : actual[first])} against {(first < 0 ? 0 : expected[first])}, worst difference {worst}");
    }
}
