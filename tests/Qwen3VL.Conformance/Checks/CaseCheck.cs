using System.Globalization;
using Qwen3VL.Conformance.Reports;

namespace Qwen3VL.Conformance.Checks;

/// <summary>Compares what the engine gives for one golden with the reference, and keeps the first mismatch and the largest differences.</summary>
internal sealed class CaseCheck(string name)
{
    private readonly double?[] _largest = new double?[Enum.GetValues<Quantity>().Length];
    private string? _mismatch;

    /// <summary>Whether nothing differs so far.</summary>
    public bool HasPassed => _mismatch is null;

    /// <summary>Notes a mismatch; the first one stays.</summary>
    public void Fail(string mismatch) => _mismatch ??= mismatch;

    /// <summary>Two values must be equal.</summary>
    public void Equal<T>(string what, T actual, T expected)
    {
        if (!EqualityComparer<T>.Default.Equals(actual, expected))
        {
            Fail($"{what} must be {Show(expected)}; got {Show(actual)}");
        }
    }

    /// <summary>Two texts must be equal; the mismatch tells where they part.</summary>
    public void EqualText(string what, string actual, string expected)
    {
        if (actual == expected)
        {
            return;
        }

        int at = 0;
        while (at < actual.Length && at < expected.Length && actual[at] == expected[at])
        {
            at++;
        }

        Fail($"{what} must be the reference's; parts at character {at}: must be {Excerpt(expected, at)}, got {Excerpt(actual, at)}");
    }

    /// <summary>Two lists of integers must be equal.</summary>
    public void EqualIntegers(string what, ReadOnlySpan<int> actual, ReadOnlySpan<int> expected)
    {
        int common = actual.CommonPrefixLength(expected);
        if (common < actual.Length && common < expected.Length)
        {
            Fail($"{what}[{common}] must be {expected[common]}; got {actual[common]}");
        }
        else if (actual.Length != expected.Length)
        {
            Fail($"{what} must have {expected.Length} values; got {actual.Length}");
        }
    }

    /// <summary>Two lists of floats must be close (<see cref="Tolerance"/>).</summary>
    public void Close(string what, ReadOnlySpan<float> actual, ReadOnlySpan<float> expected, Quantity quantity)
    {
        if (actual.Length != expected.Length)
        {
            Fail($"{what} must have {expected.Length} values; got {actual.Length}");
            return;
        }

        for (int i = 0; i < actual.Length; i++)
        {
            Close($"{what}[{i}]", actual[i], expected[i], quantity);
        }
    }

    /// <summary>Two numbers must be close.</summary>
    public void Close(string what, double actual, double expected, Quantity quantity)
    {
        double difference = actual.Equals(expected) ? 0 : Math.Abs(actual - expected);

        // Not a number is the largest difference of all.
        _largest[(int)quantity] = Math.Max(_largest[(int)quantity] ?? 0, double.IsNaN(difference) ? double.PositiveInfinity : difference);
        if (!Tolerance.Holds(actual, expected))
        {
            Fail($"{what} must be {Show(expected)}; got {Show(actual)} (difference {difference.ToString("0.0e+00", CultureInfo.InvariantCulture)})");
        }
    }

    /// <summary>What became of the case.</summary>
    public CaseReport Report() =>
        new(name, _mismatch, _largest[(int)Quantity.Logit], _largest[(int)Quantity.LogProbability], _largest[(int)Quantity.Feature]);

    private static string Show<T>(T value) => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "null";

    private static string Excerpt(string text, int at)
    {
        const int Length = 24;
        return at >= text.Length ? "the end" : $"'{text.AsSpan(at, Math.Min(Length, text.Length - at))}'";
    }
}
