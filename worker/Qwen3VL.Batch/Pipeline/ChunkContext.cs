using Qwen3VL.Batch.Jobs;
using Qwen3VL.Batch.Media;
using Qwen3VL.Batch.Planning;
using Qwen3VL.Batch.Results;
using Qwen3VL.Batch.Storage;

namespace Qwen3VL.Batch.Pipeline;

/// <summary>What a chunk needs to run.</summary>
/// <param name="Job">Its job.</param>
/// <param name="Chunk">The chunk.</param>
/// <param name="File">The job's file, checked against the plan; null for what works on results alone.</param>
/// <param name="SummaryInputs">For a reduce chunk: the partial summaries first..last of the level below, those that exist.</param>
/// <param name="EventInputs">For a merge chunk: all window events of the job.</param>
internal sealed record ChunkContext(
    JobRecord Job,
    PlannedChunk Chunk,
    SourceFile? File,
    IReadOnlyList<SummaryPart> SummaryInputs,
    IReadOnlyList<SegmentResult> EventInputs)
{
    /// <summary>The job's file.</summary>
    /// <exception cref="InvalidOperationException">The chunk is of a kind that needs none.</exception>
    public SourceFile Source => File ?? throw new InvalidOperationException($"a chunk that reads its source must be given it; one of kind {Chunk.Kind} is not");

    /// <summary>What happened to the chunk before: it decides how large its media may be and how the model is asked.</summary>
    public ChunkHistory History { get; init; } = ChunkHistory.None;

    /// <summary>Where the cost of this execution is counted, whatever becomes of it.</summary>
    public UsageMeter Meter { get; init; } = new();
}
