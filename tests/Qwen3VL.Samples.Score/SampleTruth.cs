namespace Qwen3VL.Samples.Score;

/// <summary>What was drawn into one sample file; only what the file shows is set.</summary>
internal sealed record SampleTruth
{
    /// <summary>Text of each page.</summary>
    public IReadOnlyList<string>? Pages { get; init; }

    /// <summary>Lines of text with their boxes on page 1.</summary>
    public IReadOnlyList<Box>? Spotting { get; init; }

    /// <summary>Objects with their boxes on page 1.</summary>
    public IReadOnlyList<Box>? Grounding { get; init; }

    /// <summary>Caption of page 1.</summary>
    public string? Caption { get; init; }

    /// <summary>Events of a video in order.</summary>
    public IReadOnlyList<TimedText>? Events { get; init; }

    /// <summary>Summary of a video.</summary>
    public string? Summary { get; init; }
}
