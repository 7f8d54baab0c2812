using Qwen3VL.Batch.Contracts.V1;
using Qwen3VL.Batch.Jobs;
using Qwen3VL.Batch.Planning;
using Qwen3VL.Batch.Results;
using Qwen3VL.Engine;

namespace Qwen3VL.Batch.Pipeline.Executors;

/// <summary>
/// Writes one summary of consecutive partial summaries. A single input is passed on as it is. Inputs of chunks that were given up are missing;
/// the rest is summarised, and the job ends partial anyway. The job's last chunk writes the summary of the whole.
/// </summary>
internal static class ReduceExecutor
{
    /// <summary>Runs the chunk.</summary>
    /// <exception cref="ContentException">chunks_failed: no input is left.</exception>
    public static async Task<ChunkResult> ExecuteAsync(ChunkContext context, ChunkRequests requests, CancellationToken cancellationToken)
    {
        PlannedChunk chunk = context.Chunk;
        if (context.SummaryInputs.Count == 0)
        {
            throw new ContentException(ErrorCodes.ChunksFailed, $"a reduction must have a partial summary; got none of parts {chunk.FirstUnit}..{chunk.LastUnit}");
        }

        var collector = new ResultCollector();
        string summary = context.SummaryInputs[0].Text;
        if (context.SummaryInputs.Count > 1)
        {
            string whole = context.Job.Kind == JobKind.Video ? "video" : "document";
            string prompt = Prompts.Reduce(whole, [.. context.SummaryInputs.Select(part => part.Text)]);
            GenerationResult answer = await requests.AskAsync(null, prompt, chunk.FirstUnit, JobTaskKind.Summary, cancellationToken).ConfigureAwait(false);
            summary = collector.TakeText(chunk.FirstUnit, JobTaskKind.Summary, answer);
        }

        collector.Add(new SummaryPart(chunk.Stage, chunk.FirstUnit, summary));
        bool isLast = chunk.ChunkNo == (context.Job.LastChunkNo ?? context.Job.TotalChunks - 1);
        return collector.ToResult(requests.Usage, isLast ? summary : null);
    }
}
