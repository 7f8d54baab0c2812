using Qwen3VL.Batch.Jobs;

namespace Qwen3VL.Batch.Planning;

/// <summary>
/// The plan of a follow-up job: the chunks that are done anew, under the numbers they had, and every later chunk that reads what they make.
/// <code>
/// replayed job   pages 0 1 2 3 4 5 6 7    reductions 8 = [0..3]  9 = [4..7]  10 = [0..7]
/// chunk 5 anew               5                                   9           10
/// </code>
/// What the later chunks read beside that comes from the replayed job's rows. Chunks come from its rows too, not from planning it again:
/// the defaults of this worker may be others.
/// </summary>
internal static class ReplayPlan
{
    /// <summary>The groups: pure.</summary>
    /// <param name="job">The follow-up job.</param>
    /// <param name="replayed">All chunks of the job that it replays.</param>
    /// <param name="chunksPerGroup">Most chunks of a group.</param>
    /// <exception cref="ContentException">invalid_command: none of the chunks is one of that job.</exception>
    public static IReadOnlyList<PlannedGroup> Groups(JobRecord job, IReadOnlyList<PlannedChunk> replayed, int chunksPerGroup)
    {
        List<PlannedChunk> chosen = [];
        List<(int First, int Last)> parts = [];
        int nextNumber = replayed.Count == 0 ? 0 : replayed.Max(chunk => chunk.ChunkNo) + 1;
        foreach (PlannedChunk chunk in replayed.OrderBy(chunk => chunk.Stage).ThenBy(chunk => chunk.ChunkNo))
        {
            bool named = job.ReplayChunks is null || job.ReplayChunks.Contains(chunk.ChunkNo);
            if (!named && !DependsOn(chunk, parts))
            {
                continue;
            }

            chosen.AddRange(Cut(chunk, job.Options.PagesPerChunk, ref nextNumber));
            if (chunk.Kind != ChunkKind.Merge)
            {
                parts.Add(Parts(chunk, job));
            }
        }

        return chosen.Count > 0
            ? Grouped(chosen, chunksPerGroup)
            : throw new ContentException(ErrorCodes.InvalidCommand, $"a replay must name chunks of job {job.ReplayOf}; got none of its {replayed.Count}");
    }

    // Every event list is joined anew when any window is; a reduction when it covers a part that is made anew.
    private static bool DependsOn(PlannedChunk chunk, List<(int First, int Last)> parts) => chunk.Kind switch
    {
        ChunkKind.Merge => parts.Count > 0,
        ChunkKind.Reduce => parts.Exists(part => part.First <= chunk.LastUnit && part.Last >= chunk.FirstUnit),
        _ => false,
    };

    // Level-0 parts, as the executors number them: pages from the job's first one, windows by their chunk.
    private static (int First, int Last) Parts(PlannedChunk chunk, JobRecord job)
    {
        int firstPage = job.Options.FirstPage ?? 1;
        return chunk.Kind switch
        {
            ChunkKind.Pages => (chunk.FirstUnit - firstPage, chunk.LastUnit - firstPage),
            ChunkKind.Window => (chunk.ChunkNo, chunk.ChunkNo),
            _ => (chunk.FirstUnit, chunk.LastUnit),
        };
    }

    // Fewer pages a chunk than before: the first piece keeps the number, the others get numbers that the replayed job does not use.
    private static List<PlannedChunk> Cut(PlannedChunk chunk, int? pagesPerChunk, ref int nextNumber)
    {
        if (chunk.Kind != ChunkKind.Pages || pagesPerChunk is not int pages || chunk.LastUnit - chunk.FirstUnit < pages)
        {
            return [chunk];
        }

        List<PlannedChunk> pieces = [];
        for (int first = chunk.FirstUnit; first <= chunk.LastUnit; first += pages)
        {
            int number = first == chunk.FirstUnit ? chunk.ChunkNo : checked(nextNumber++);
            pieces.Add(chunk with { ChunkNo = number, FirstUnit = first, LastUnit = Math.Min(chunk.LastUnit, first + pages - 1) });
        }

        return pieces;
    }

    private static List<PlannedGroup> Grouped(List<PlannedChunk> chunks, int chunksPerGroup)
    {
        List<PlannedGroup> groups = [];
        List<PlannedChunk> group = [];
        foreach (PlannedChunk chunk in chunks.OrderBy(chunk => chunk.Stage).ThenBy(chunk => chunk.ChunkNo))
        {
            if (group.Count > 0 && (group.Count == chunksPerGroup || group[^1].Stage != chunk.Stage || group[^1].ChunkNo + 1 != chunk.ChunkNo))
            {
                groups.Add(new PlannedGroup(groups.Count + 1, group[0].Stage, group));
                group = [];
            }

            group.Add(chunk);
        }

        groups.Add(new PlannedGroup(groups.Count + 1, group[0].Stage, group));
        return groups;
    }
}
