using Qwen3VL.Batch.Faults.Checking;

namespace Qwen3VL.Batch.Faults.Figures;

/// <summary>One number of the page.</summary>
/// <param name="Name">What was measured.</param>
/// <param name="Value">The number with its unit, for a person.</param>
/// <param name="Basis">The count behind it: of how many it is.</param>
internal sealed record FigureRow(string Name, string Value, string Basis)
{
    private const int MostNamed = 3;

    /// <summary>What the checker found after a figure was measured.</summary>
    /// <param name="report">Its report.</param>
    /// <param name="rested">Whether everything had come to rest in time.</param>
    /// <param name="of">Whose rules, where a figure has several worlds.</param>
    public static FigureRow OfRules(CheckReport report, bool rested, string of = "")
    {
        string[] broken = [.. rested ? Array.Empty<string>() : ["not at rest in time"], .. report.Violations.Take(MostNamed).Select(violation => violation.ToString())];
        return new FigureRow("rules of the checker broken" + of, broken.Length == 0 ? "none" : string.Join("; ", broken), "I1 to I12");
    }
}
