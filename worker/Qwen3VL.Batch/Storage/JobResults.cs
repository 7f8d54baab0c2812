using Qwen3VL.Batch.Jobs;
using Qwen3VL.Batch.Results;

namespace Qwen3VL.Batch.Storage;

/// <summary>Everything stored of a job.</summary>
/// <param name="Job">The job.</param>
/// <param name="Pages">By page number.</param>
/// <param name="Captions">By page number.</param>
/// <param name="Boxes">By page number, task and box number.</param>
/// <param name="Segments">By kind and start.</param>
/// <param name="SummaryParts">By level and part.</param>
/// <param name="Summary">The whole's summary.</param>
/// <param name="Issues">Answers that could not be read.</param>
/// <param name="FailedChunks">Chunks that were given up.</param>
/// <param name="Usage">Sum over billable chunks.</param>
internal sealed record JobResults(
    JobRecord Job,
    IReadOnlyList<PageResult> Pages,
    IReadOnlyList<CaptionResult> Captions,
    IReadOnlyList<BoxResult> Boxes,
    IReadOnlyList<SegmentResult> Segments,
    IReadOnlyList<SummaryPart> SummaryParts,
    string? Summary,
    IReadOnlyList<ParseIssue> Issues,
    IReadOnlyList<FailedChunk> FailedChunks,
    ChunkUsage Usage);
