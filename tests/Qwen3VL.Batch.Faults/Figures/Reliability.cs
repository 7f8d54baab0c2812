using System.Text.Json;

namespace Qwen3VL.Batch.Faults.Figures;

/// <summary>Everything that the page is rendered from; kept as JSON beside it.</summary>
internal sealed record Reliability
{
    private static readonly JsonSerializerOptions Json = new() { WriteIndented = true };

    /// <summary>Machine of the last measurement.</summary>
    public MachineFacts Machine { get; init; } = new();

    /// <summary>Figures that were measured.</summary>
    public IReadOnlyList<FigureResult> Figures { get; init; } = [];

    /// <summary>Scenarios of the last run of the suite.</summary>
    public IReadOnlyList<LastRun> Faults { get; init; } = [];

    /// <summary>Date of that run, UTC; null when there was none.</summary>
    public DateTimeOffset? FaultsAt { get; init; }

    /// <summary>Reads it; an empty one when there is no file.</summary>
    public static async Task<Reliability> ReadAsync(string file, CancellationToken cancellationToken) => File.Exists(file)
        ? JsonSerializer.Deserialize<Reliability>(await File.ReadAllBytesAsync(file, cancellationToken)) ?? new Reliability()
        : new Reliability();

    /// <summary>Writes it.</summary>
    public Task WriteAsync(string file, CancellationToken cancellationToken) =>
        File.WriteAllTextAsync(file, JsonSerializer.Serialize(this, Json) + "\n", cancellationToken);

    /// <summary>With a figure in place of what it was before.</summary>
    public Reliability With(FigureResult figure) => this with { Figures = [.. Figures.Where(other => other.Id != figure.Id), figure] };

    /// <summary>With the results that <c>run --json</c> wrote in place of those of the same scenarios.</summary>
    public Reliability WithFaults(string json, DateTimeOffset at)
    {
        using var results = JsonDocument.Parse(json);
        LastRun[] rows =
        [
            .. results.RootElement.EnumerateArray().Select(result => new LastRun(
                result.GetProperty("Id").GetString() ?? "",
                result.GetProperty("Passed").GetBoolean(),
                result.GetProperty("Seconds").GetDouble(),
                result.GetProperty("Seed").GetInt32())),
        ];
        HashSet<string> ids = [.. rows.Select(row => row.Id)];
        return this with { Faults = [.. Faults.Where(row => !ids.Contains(row.Id)), .. rows], FaultsAt = at };
    }
}
