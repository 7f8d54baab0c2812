using System.Globalization;
using System.Text.Json;
using Qwen3VL.Batch.Faults.Scenarios;

namespace Qwen3VL.Batch.Faults.Figures;

/// <summary>A scenario and how its last run ended.</summary>
/// <param name="Id">Name.</param>
/// <param name="Passed">Whether it passed.</param>
/// <param name="Seconds">Time taken.</param>
/// <param name="Seed">Seed of the run.</param>
internal sealed record LastRun(string Id, bool Passed, double Seconds, int Seed)
{
    private static readonly JsonSerializerOptions Json = new() { WriteIndented = true };

    /// <summary>When the run ended, UTC; the default is older than any.</summary>
    public DateTimeOffset At { get; init; }

    /// <summary>State of the sources.</summary>
    public string Commit { get; init; } = "";

    /// <summary>Tier by whose sizes it was run: <c>fast</c> or <c>full</c>.</summary>
    public string Tier { get; init; } = "";

    /// <summary>Why it was not run; null when it was.</summary>
    public string? Skipped { get; init; }

    /// <summary>Rows of a file; none when there is no file.</summary>
    public static async Task<IReadOnlyList<LastRun>> ReadAsync(string file, CancellationToken cancellationToken) =>
        File.Exists(file) ? JsonSerializer.Deserialize<LastRun[]>(await File.ReadAllBytesAsync(file, cancellationToken)) ?? [] : [];

    /// <summary>Puts rows into a file in place of older ones of the same scenarios; the others stay.</summary>
    public static async Task RecordAsync(string file, IReadOnlyList<LastRun> rows, CancellationToken cancellationToken)
    {
        IReadOnlyList<LastRun> merged = Newest([.. await ReadAsync(file, cancellationToken), .. rows]);
        string next = file + ".new";
        await File.WriteAllBytesAsync(next, JsonSerializer.SerializeToUtf8Bytes(merged, Json), cancellationToken);
        File.Move(next, file, overwrite: true);
    }

    /// <summary>
    /// The newest row of each scenario, whichever file or tier it is of: an older pass hides no newer failure, and a run that was skipped hides
    /// none that was made.
    /// </summary>
    public static IReadOnlyList<LastRun> Newest(IReadOnlyList<LastRun> rows) =>
        [.. rows.GroupBy(row => row.Id).Select(group => group.OrderBy(row => row.Skipped is null).ThenBy(row => row.At).Last())];

    /// <summary>The row of a result.</summary>
    public static LastRun Of(ScenarioResult result, Tier tier, string commit, DateTimeOffset at) => new(result.Id, result.Passed, result.Seconds, result.Seed)
    {
        At = at,
        Commit = commit,
        Tier = tier == Scenarios.Tier.Fast ? "fast" : "full",
        Skipped = result.Skipped,
    };

    /// <summary>All of it for a cell of the page.</summary>
    public string Describe()
    {
        string how = Skipped is { } why ? $"skipped: {why}" : string.Create(CultureInfo.InvariantCulture, $"{(Passed ? "passed" : "FAILED")} in {Seconds:F0} s");
        string when = At == default ? "" : string.Create(CultureInfo.InvariantCulture, $", {Tier}, {At:MM-dd HH:mm}, {Commit}");
        return string.Create(CultureInfo.InvariantCulture, $"{how} (seed {Seed}{when})");
    }
}
