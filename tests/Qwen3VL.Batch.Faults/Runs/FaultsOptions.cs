using System.Globalization;
using Qwen3VL.Batch.Faults.Scenarios;

namespace Qwen3VL.Batch.Faults.Runs;

/// <summary>What the command line asks for.</summary>
internal sealed record FaultsOptions
{
    /// <summary>What the program prints for <c>--help</c>.</summary>
    public const string Help =
        """
        usage: Qwen3VL.Batch.Faults list
               Qwen3VL.Batch.Faults run [--tier fast|full] [--only F1,F17] [--seed N] [--parallel N] [--json FILE] [--record FILE]
               Qwen3VL.Batch.Faults report --help
               Qwen3VL.Batch.Faults soak --help

          --tier      fast: a few minutes, small (default); full: everything
          --only      scenarios of 'list', by whole name or by number
          --seed      seed of everything random; default: one of the clock
          --parallel  scenarios at the same time; default: the number of processors, at most 4. Those that kill a server run alone
          --json      writes results there
          --record    puts how each scenario ended into this file, for 'report'; rows of others stay
          --commit    state of the sources, for those rows

        Exit: 0 every scenario passed, 1 one failed, 2 wrong command line, 130 stopped by a signal.
        """;

    private const int MaxParallel = 4;

    /// <summary><c>list</c>, <c>run</c> or <c>help</c>.</summary>
    public string Command { get; init; } = "help";

    /// <summary>How much.</summary>
    public Tier Tier { get; init; }

    /// <summary>Names; empty is the tier's.</summary>
    public IReadOnlyList<string> Only { get; init; } = [];

    /// <summary>Seed.</summary>
    public int Seed { get; init; }

    /// <summary>Scenarios at the same time.</summary>
    public int Parallel { get; init; } = Math.Min(Environment.ProcessorCount, MaxParallel);

    /// <summary>File for results; null is none.</summary>
    public string? Json { get; init; }

    /// <summary>File that keeps the newest run of each scenario; null is none.</summary>
    public string? Record { get; init; }

    /// <summary>State of the sources.</summary>
    public string Commit { get; init; } = "unknown";

    /// <summary>Reads the words.</summary>
    /// <exception cref="UsageException">They are wrong.</exception>
    public static FaultsOptions Parse(IReadOnlyList<string> words, int defaultSeed)
    {
        var options = new FaultsOptions { Seed = defaultSeed };
        if (words.Count == 0 || words.Contains("--help") || words.Contains("-h"))
        {
            return options;
        }

        options = options with { Command = words[0] is "list" or "run" ? words[0] : throw new UsageException($"command must be list or run; got {words[0]}") };
        for (int at = 1; at < words.Count; at += 2)
        {
            string value = at + 1 < words.Count ? words[at + 1] : throw new UsageException($"{words[at]} must have a value; got none");
            options = words[at] switch
            {
                "--tier" => options with { Tier = TierOf(value) },
                "--only" => options with { Only = value.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) },
                "--seed" => options with { Seed = Number(words[at], value, 0) },
                "--parallel" => options with { Parallel = Number(words[at], value, 1) },
                "--json" => options with { Json = Path.GetFullPath(value) },
                "--record" => options with { Record = Path.GetFullPath(value) },
                "--commit" => options with { Commit = value },
                _ => throw new UsageException($"option must be one of --help; got {words[at]}"),
            };
        }

        return options;
    }

    private static Tier TierOf(string value) => value switch
    {
        "fast" => Tier.Fast,
        "full" => Tier.Full,
        _ => throw new UsageException($"--tier must be fast or full; got {value}"),
    };

    private static int Number(string option, string value, int least) =>
        int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number >= least
            ? number
            : throw new UsageException($"{option} must be a number of at least {least}; got {value}");
}
