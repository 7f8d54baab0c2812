using Qwen3VL.Batch.Faults.Checking.Facts;

namespace Qwen3VL.Batch.Faults.Checking.Rules;

/// <summary>I5: a chunk that succeeded is billed once, any other never.</summary>
internal sealed class BillRule : IRule
{
    /// <inheritdoc/>
    public string Id => "I5";

    /// <inheritdoc/>
    public IEnumerable<string> Check(RunState state, RunExpectation expected)
    {
        Dictionary<(Guid, int), int> bills = state.Usage.Where(usage => usage.Billable)
            .GroupBy(usage => (usage.Job, usage.ChunkNo)).ToDictionary(group => group.Key, group => group.Count());
        foreach (ChunkFact chunk in state.Chunks)
        {
            int wanted = chunk.Outcome == "succeeded" ? 1 : 0;
            int found = bills.GetValueOrDefault((chunk.Job, chunk.ChunkNo));
            if (found != wanted)
            {
                yield return $"{chunk.Name} ({chunk.Outcome ?? "open"}) must have {wanted} billable usage rows; got {found}";
            }
        }
    }
}
