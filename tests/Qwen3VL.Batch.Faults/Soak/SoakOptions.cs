using System.Globalization;
using Qwen3VL.Batch.Faults.Runs;

namespace Qwen3VL.Batch.Faults.Soak;

/// <summary>What the command line of <c>soak</c> asks for.</summary>
internal sealed record SoakOptions
{
    /// <summary>What is printed for <c>soak --help</c>.</summary>
    public const string Help =
        """
        usage: Qwen3VL.Batch.Faults soak --minutes N [--seed N] [--json FILE]

          --minutes  how long work and faults go on; at least 1
          --seed     seed of everything random
          --json     writes the samples there

        Exit: 0 nothing broke and nothing grew, 1 otherwise, 2 wrong command line, 130 stopped by a signal.
        """;

    /// <summary>How long.</summary>
    public TimeSpan Time { get; init; }

    /// <summary>Seed of everything random.</summary>
    public int Seed { get; init; } = 7;

    /// <summary>File for samples; null is none.</summary>
    public string? Json { get; init; }

    /// <summary>Reads the words after <c>soak</c>.</summary>
    /// <exception cref="UsageException">They are wrong.</exception>
    public static SoakOptions Parse(IReadOnlyList<string> words)
    {
        var options = new SoakOptions();
        for (int at = 0; at < words.Count; at += 2)
        {
            string value = at + 1 < words.Count ? words[at + 1] : throw new UsageException($"{words[at]} must have a value; got none");
            options = words[at] switch
            {
                "--minutes" => options with { Time = TimeSpan.FromMinutes(Number(words[at], value)) },
                "--seed" => options with { Seed = (int)Number(words[at], value) },
                "--json" => options with { Json = Path.GetFullPath(value) },
                _ => throw new UsageException($"option must be one of soak --help; got {words[at]}"),
            };
        }

        return options.Time >= TimeSpan.FromMinutes(1) ? options : throw new UsageException("--minutes must be at least 1; got " + options.Time.TotalMinutes.ToString(CultureInfo.InvariantCulture));
    }

    private static double Number(string option, string value) =>
        double.TryParse(value, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double number)
            ? number
            : throw new UsageException($"{option} must be a number; got {value}");
}
