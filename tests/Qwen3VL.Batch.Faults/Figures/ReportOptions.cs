using Qwen3VL.Batch.Faults.Runs;

namespace Qwen3VL.Batch.Faults.Figures;

/// <summary>What the command line of <c>report</c> asks for.</summary>
internal sealed record ReportOptions
{
    /// <summary>What is printed for <c>report --help</c>.</summary>
    public const string Help =
        """
        usage: Qwen3VL.Batch.Faults report --out FILE.md [--sizes small|default|large] [--only FIGURE,...] [--results FILE] [--commit ID] [--seed N]

          --out      the page; its numbers lie beside it as FILE.json
          --sizes    default: about eleven minutes on two idle cores
          --only     measures these anew and keeps the other numbers; 'none' renders the page alone
          --results  what 'run --record' wrote, for the table of faults; may be said more than once
          --commit   state of the sources, for the page

        Exit: 0 all was measured, 1 a figure failed (its old number stays), 2 wrong command line, 130 stopped by a signal.
        """;

    private const string None = "none";

    /// <summary>The page.</summary>
    public string Out { get; init; } = "";

    /// <summary>How much is done.</summary>
    public string Sizes { get; init; } = "default";

    /// <summary>Figures; empty is all.</summary>
    public IReadOnlyList<string> Only { get; init; } = [];

    /// <summary>Files of results.</summary>
    public IReadOnlyList<string> Results { get; init; } = [];

    /// <summary>State of the sources.</summary>
    public string Commit { get; init; } = "unknown";

    /// <summary>Seed of everything random.</summary>
    public int Seed { get; init; } = 7;

    /// <summary>The numbers.</summary>
    public string Numbers => Path.ChangeExtension(Out, ".json");

    /// <summary>Figures to measure.</summary>
    public IReadOnlyList<Figure> Figures => Only is [None] ? [] : FigureCatalogue.Select(Only);

    /// <summary>Reads the words after <c>report</c>.</summary>
    /// <exception cref="UsageException">They are wrong.</exception>
    public static ReportOptions Parse(IReadOnlyList<string> words)
    {
        var options = new ReportOptions();
        for (int at = 0; at < words.Count; at += 2)
        {
            string value = at + 1 < words.Count ? words[at + 1] : throw new UsageException($"{words[at]} must have a value; got none");
            options = words[at] switch
            {
                "--out" => options with { Out = Path.GetFullPath(value) },
                "--sizes" => options with { Sizes = value },
                "--only" => options with { Only = value.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) },
                "--results" => options with { Results = [.. options.Results, Path.GetFullPath(value)] },
                "--commit" => options with { Commit = value },
                "--seed" => options with { Seed = int.TryParse(value, out int seed) ? seed : throw new UsageException($"--seed must be a number; got {value}") },
                _ => throw new UsageException($"option must be one of report --help; got {words[at]}"),
            };
        }

        if (options.Out.Length == 0)
        {
            throw new UsageException("--out must name the page; got none");
        }

        _ = (FigureSizes.Of(options.Sizes), options.Figures);
        return options;
    }
}
