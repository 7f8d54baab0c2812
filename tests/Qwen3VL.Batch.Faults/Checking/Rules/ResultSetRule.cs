using Qwen3VL.Batch.Faults.Checking.Facts;

namespace Qwen3VL.Batch.Faults.Checking.Rules;

/// <summary>I3: a chunk that succeeded has exactly one set of results, of one execution; a chunk that did not has none.</summary>
internal sealed class ResultSetRule : IRule
{
    /// <inheritdoc/>
    public string Id => "I3";

    /// <inheritdoc/>
    public IEnumerable<string> Check(RunState state, RunExpectation expected) =>
        Pages(state).Concat(Stages(state)).Concat(Fences(state)).Concat(Orphans(state));

    private static IEnumerable<string> Pages(RunState state)
    {
        ILookup<(Guid, int), PageFact> pages = state.Pages.ToLookup(page => (page.Job, page.ChunkNo));
        foreach (ChunkFact chunk in state.Chunks.Where(chunk => chunk.Kind == "pages"))
        {
            int[] wanted = chunk.Outcome == "succeeded" ? [.. chunk.Pages] : [];
            int[] found = [.. pages[(chunk.Job, chunk.ChunkNo)].Select(page => page.PageNo).Order()];
            if (!found.SequenceEqual(wanted))
            {
                yield return $"pages of {chunk.Name} ({chunk.Outcome ?? "open"}) must be [{string.Join(' ', wanted)}]; got [{string.Join(' ', found)}]";
            }
        }

        foreach (IGrouping<(Guid Job, int PageNo), PageFact> twice in state.Pages.GroupBy(page => (page.Job, page.PageNo)).Where(group => group.Count() > 1))
        {
            yield return $"page {twice.Key.PageNo} of job {twice.Key.Job} must be stored once; got {twice.Count()}";
        }
    }

    // What later stages and windows make: nothing of it is there twice, whichever chunk it names.
    private static IEnumerable<string> Stages(RunState state)
    {
        ILookup<(Guid, int), TextFact> parts = state.SummaryParts.ToLookup(part => (part.Job, part.ChunkNo));
        foreach (ChunkFact chunk in state.Chunks.Where(chunk => chunk.Kind == "reduce"))
        {
            int wanted = chunk.Outcome == "succeeded" ? 1 : 0;
            if (parts[(chunk.Job, chunk.ChunkNo)].Count() is var found && found != wanted)
            {
                yield return $"partial summaries of {chunk.Name} ({chunk.Outcome ?? "open"}) must be {wanted}; got {found}";
            }
        }

        foreach (IGrouping<(Guid Job, string Kind, int StartMs, int EndMs, string Body), SegmentFact> twice in
            state.Segments.GroupBy(row => (row.Job, row.Kind, row.StartMs, row.EndMs, row.Body)).Where(group => group.Count() > 1))
        {
            yield return $"{twice.Key.Kind} {twice.Key.StartMs}..{twice.Key.EndMs} ms of job {twice.Key.Job} must be stored once; got {twice.Count()}";
        }
    }

    // Result rows carry no fence; the chunk, its history and its bill must name the same execution.
    private static IEnumerable<string> Fences(RunState state)
    {
        ILookup<(Guid, int), AttemptFact> attempts = state.Attempts.Where(attempt => attempt.Outcome == "succeeded").ToLookup(attempt => (attempt.Job, attempt.ChunkNo));
        ILookup<(Guid, int), UsageFact> bills = state.Usage.Where(usage => usage.Billable).ToLookup(usage => (usage.Job, usage.ChunkNo));
        foreach (ChunkFact chunk in state.Chunks.Where(chunk => chunk.Outcome == "succeeded"))
        {
            long[] fences =
            [
                .. attempts[(chunk.Job, chunk.ChunkNo)].Select(attempt => attempt.Fence),
                .. bills[(chunk.Job, chunk.ChunkNo)].Select(usage => usage.Fence),
            ];
            if (fences.Any(fence => fence != chunk.Fence))
            {
                yield return $"rows of {chunk.Name} must be of the execution with fence {chunk.Fence}; got [{string.Join(' ', fences)}]";
            }

            if (attempts[(chunk.Job, chunk.ChunkNo)].Count() != 1)
            {
                yield return $"{chunk.Name} must have one execution that succeeded; got {attempts[(chunk.Job, chunk.ChunkNo)].Count()}";
            }
        }
    }

    private static IEnumerable<string> Orphans(RunState state)
    {
        HashSet<(Guid, int)> succeeded = [.. state.Chunks.Where(chunk => chunk.Outcome == "succeeded").Select(chunk => (chunk.Job, chunk.ChunkNo))];
        IEnumerable<(Guid Job, int ChunkNo)> rows =
        [
            .. state.Pages.Select(row => (row.Job, row.ChunkNo)), .. state.Captions.Select(row => (row.Job, row.ChunkNo)),
            .. state.Boxes.Select(row => (row.Job, row.ChunkNo)), .. state.Summaries.Select(row => (row.Job, row.ChunkNo)),
            .. state.Segments.Select(row => (row.Job, row.ChunkNo)), .. state.SummaryParts.Select(row => (row.Job, row.ChunkNo)),
        ];
        return rows.Distinct().Where(row => !succeeded.Contains(row)).Select(row => $"results must belong to a chunk that succeeded; got some of chunk {row.ChunkNo} of job {row.Job}");
    }
}
