using System.Globalization;
using Qwen3VL.Batch.Contracts.V1;
using Qwen3VL.Batch.Jobs;
using Qwen3VL.Batch.Planning;
using Qwen3VL.Batch.Results;

namespace Qwen3VL.Batch.Pipeline.Executors;

/// <summary>Says of a result that it was not made as the job asked: from smaller media, or with other sampling. Recorded beside it, as issues.</summary>
internal static class Provenance
{
    /// <summary>The notes of a chunk, one for each of its pages or for its window; none for an execution like any other.</summary>
    public static IReadOnlyList<ParseIssue> Of(ChunkContext context, ChunkRequests requests)
    {
        var notes = new List<ParseIssue>();
        PlannedChunk chunk = context.Chunk;
        bool isPages = chunk.Kind == ChunkKind.Pages;
        JobTaskKind task = context.Job.Tasks[0].Kind;
        foreach (int unit in Enumerable.Range(chunk.FirstUnit, isPages ? chunk.LastUnit - chunk.FirstUnit + 1 : 1))
        {
            if (requests.ReductionSteps > 0)
            {
                string message = string.Create(
                    CultureInfo.InvariantCulture,
                    $"media should be read at the size that the job asks for; they were halved {requests.ReductionSteps} times to fit");
                notes.Add(new ParseIssue(unit, task, ErrorCodes.Degraded, message, ""));
            }

            if (requests.IsResampled)
            {
                string message = string.Create(
                    CultureInfo.InvariantCulture,
                    $"answers should be sampled as the model states; these were at temperature {requests.Temperature}, with the seeds of try {context.History.Failures}");
                notes.Add(new ParseIssue(unit, task, ErrorCodes.Resampled, message, ""));
            }
        }

        return notes;
    }
}
