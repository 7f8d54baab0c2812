namespace Qwen3VL.Batch.Contracts.V1;

/// <summary>What a job asks of its source.</summary>
public enum JobTaskKind
{
    /// <summary>The text of each page.</summary>
    Ocr,

    /// <summary>The text of each page with a box for each line.</summary>
    Spotting,

    /// <summary>A description of each page, or of each window of a video.</summary>
    Caption,

    /// <summary>A box for each instance of the named labels.</summary>
    Grounding,

    /// <summary>The events of a video with start and end.</summary>
    Events,

    /// <summary>One summary of the whole.</summary>
    Summary,
}
