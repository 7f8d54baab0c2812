using Qwen3VL.Batch.Results;

namespace Qwen3VL.Batch.Worker.Output.Formats;

/// <summary>One row of <see cref="CsvResultFormat"/>; what does not belong to its kind is null and stays empty.</summary>
internal sealed record CsvRow
{
    /// <summary>The job.</summary>
    public required Guid JobId { get; init; }

    /// <summary>Its source, as people may see it.</summary>
    public required string Source { get; init; }

    /// <summary>What the row is.</summary>
    public required string Kind { get; init; }

    /// <summary>From 1.</summary>
    public int? PageNo { get; init; }

    /// <summary>Number of a box on its page and task, or of a segment; from 0.</summary>
    public int? ItemNo { get; init; }

    /// <summary>What was asked, where the row's kind does not say it.</summary>
    public string? Task { get; init; }

    /// <summary>Start of a segment.</summary>
    public int? StartMs { get; init; }

    /// <summary>End of a segment.</summary>
    public int? EndMs { get; init; }

    /// <summary>Edges in pixels of the page.</summary>
    public BoxEdges? Box { get; init; }

    /// <summary>Width of the raster that boxes refer to.</summary>
    public int? PageWidth { get; init; }

    /// <summary>Its height.</summary>
    public int? PageHeight { get; init; }

    /// <summary>Whether the model's numbers were repaired.</summary>
    public bool? Repaired { get; init; }

    /// <summary>Whether a page's text was cut at the output limit.</summary>
    public bool? Truncated { get; init; }

    /// <summary>Text of page, caption, box, segment or summary, or what went wrong.</summary>
    public string? Text { get; init; }
}
