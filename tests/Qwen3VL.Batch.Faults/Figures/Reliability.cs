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

    /// <summary>The newest run of each scenario.</summary>
    public IReadOnlyList<LastRun> Faults { get; init; } = [];

    /// <summary>Reads it; an empty one when there is no file.</summary>
    public static async Task<Reliability> ReadAsync(string file, CancellationToken cancellationToken) => File.Exists(file)
        ? JsonSerializer.Deserialize<Reliability>(await File.ReadAllBytesAsync(file, cancellationToken)) ?? new Reliability()
        : new Reliability();

    /// <summary>Writes it.</summary>
    public Task WriteAsync(string file, CancellationToken cancellationToken) =>
        File.WriteAllTextAsync(file, JsonSerializer.Serialize(this, Json) + "\n", cancellationToken);

    /// <summary>With a figure in place of what it was before.</summary>
    public Reliability With(FigureResult figure) => this with { Figures = [.. Figures.Where(other => other.Id != figure.Id), figure] };

    /// <summary>With the rows that <c>run --record</c> wrote in place of older ones of the same scenarios.</summary>
    public Reliability WithFaults(IReadOnlyList<LastRun> rows) => this with { Faults = LastRun.Newest([.. Faults, .. rows]) };
}
