using System.Globalization;

namespace Qwen3VL.Batch.FaultTests.Models;

/// <summary>All jobs of a ledger as the state machine has them, and how they are written down to be compared.</summary>
internal sealed class LedgerModel
{
    public List<ModelJob> Jobs { get; } = [];

    public IEnumerable<(ModelJob Job, ModelGroup Group)> Ready =>
        Jobs.SelectMany(job => job.Groups.Values.Where(group => group.IsReady).Select(group => (job, group)));

    /// <summary>One line for each job, chunk and group, in order; <see cref="LedgerDump"/> writes the same of a database.</summary>
    public IReadOnlyList<string> Describe() =>
    [
        .. Jobs.SelectMany(Lines).Order(StringComparer.Ordinal),
    ];

    private static IEnumerable<string> Lines(ModelJob job)
    {
        string total = job.Total?.ToString(CultureInfo.InvariantCulture) ?? "-";
        yield return string.Create(CultureInfo.InvariantCulture, $"job {job.Key} {job.State} total {total} done {job.Done} failed {job.Failed}");
        foreach (ModelChunk chunk in job.Chunks.Values)
        {
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"chunk {job.Key}/{chunk.Plan.ChunkNo} {chunk.Outcome ?? "open"} group {chunk.GroupNo} starts {chunk.Starts} lost {chunk.Lost}");
        }

        foreach (ModelGroup group in job.Groups.Values)
        {
            string owner = group.Owner?.ToString(CultureInfo.InvariantCulture) ?? "-";
            string flags = (group.Waiting ? " waiting" : "") + (group.Cancelled ? " cancelled" : "") + (group.Lane == Storage.Lanes.Quarantine ? " quarantine" : "");
            yield return string.Create(CultureInfo.InvariantCulture, $"group {job.Key}/{group.GroupNo} fence {group.Fence} owner {owner}{flags}");
        }
    }
}
