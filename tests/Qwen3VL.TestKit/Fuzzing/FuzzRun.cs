using System.Diagnostics;
using System.Globalization;

namespace Qwen3VL.TestKit.Fuzzing;

/// <summary>
/// Runs a test on random inputs for a bounded time. Each input has a seed of its own, which a failure prints: with
/// <c>QWEN3VL_FUZZ_SEED</c> set to it, it is the first one tried. <c>QWEN3VL_FUZZ_SECONDS</c> sets the time of each test.
/// </summary>
public static class FuzzRun
{
    /// <summary>Trait of fuzz tests, by which <c>ops/fuzz</c> finds them: category and value.</summary>
    public const string Category = "Category";

    /// <summary>Value of <see cref="Category"/>.</summary>
    public const string Fuzz = "Fuzz";

    private const string SeedVariable = "QWEN3VL_FUZZ_SEED";
    private const string SecondsVariable = "QWEN3VL_FUZZ_SECONDS";
    private const int DefaultSeed = 20_260_101;
    private const double DefaultSeconds = 0.8;

    // On a machine so slow that the time is over at once, the test still tests something.
    private const int DefaultMinInputs = 20;

    /// <summary>Time of each test, in seconds.</summary>
    public static double Seconds => Read(SecondsVariable, DefaultSeconds);

    /// <summary>Tries inputs until the time is over and enough were tried; returns how many were.</summary>
    /// <param name="test">Tries one input, drawn from the source given.</param>
    /// <param name="minInputs">Inputs tried however long they take: what a run of all tests must cover.</param>
    /// <exception cref="FuzzFailureException">One failed; names its seed.</exception>
    public static int Repeat(Action<Random> test, int minInputs = DefaultMinInputs)
    {
        int seed = (int)Read(SeedVariable, DefaultSeed);
        var limit = TimeSpan.FromSeconds(Seconds);
        long start = Stopwatch.GetTimestamp();
        int tried = 0;
        while (tried < minInputs || Stopwatch.GetElapsedTime(start) < limit)
        {
            try
            {
                test(new Random(seed));
            }
            catch (Exception exception)
            {
                throw new FuzzFailureException($"input {tried + 1} failed; to try it first, set {SeedVariable}={seed}: {exception.Message}", exception);
            }

            tried++;
            seed = unchecked(seed + 1);
        }

        return tried;
    }

    /// <summary>The same for a test that waits for something.</summary>
    /// <param name="test">Tries one input, drawn from the source given.</param>
    /// <param name="minInputs">Inputs tried however long they take.</param>
    /// <exception cref="FuzzFailureException">One failed; names its seed.</exception>
    public static async Task<int> RepeatAsync(Func<Random, Task> test, int minInputs)
    {
        int seed = (int)Read(SeedVariable, DefaultSeed);
        var limit = TimeSpan.FromSeconds(Seconds);
        long start = Stopwatch.GetTimestamp();
        int tried = 0;
        while (tried < minInputs || Stopwatch.GetElapsedTime(start) < limit)
        {
            try
            {
                await test(new Random(seed));
            }
            catch (Exception exception)
            {
                throw new FuzzFailureException($"input {tried + 1} failed; to try it first, set {SeedVariable}={seed}: {exception.Message}", exception);
            }

            tried++;
            seed = unchecked(seed + 1);
        }

        return tried;
    }

    private static double Read(string variable, double fallback)
    {
        string? text = Environment.GetEnvironmentVariable(variable);
        return string.IsNullOrEmpty(text) ? fallback
            : double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) ? value
            : throw new ArgumentException($"{variable} must be a number; got '{text}'");
    }
}
