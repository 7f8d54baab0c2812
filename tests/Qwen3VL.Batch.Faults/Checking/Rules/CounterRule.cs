using Qwen3VL.Batch.Faults.Checking.Facts;

namespace Qwen3VL.Batch.Faults.Checking.Rules;

/// <summary>I2: a job's counters say what its chunks say, and at its end they add up.</summary>
internal sealed class CounterRule : IRule
{
    /// <inheritdoc/>
    public string Id => "I2";

    /// <inheritdoc/>
    public IEnumerable<string> Check(RunState state, RunExpectation expected)
    {
        ILookup<Guid, ChunkFact> chunks = state.Chunks.ToLookup(chunk => chunk.Job);
        foreach (JobFact job in state.Jobs)
        {
            int done = chunks[job.Id].Count(chunk => chunk.Outcome == "succeeded");
            int failed = chunks[job.Id].Count(chunk => chunk.Outcome == "failed");
            if (job.Done != done || job.Failed != failed)
            {
                yield return $"counters of job {job.Id} must be those of its chunks, {done} done and {failed} failed; got {job.Done} and {job.Failed}";
            }

            if (job.State is "succeeded" or "partial" or "failed" && job.Total is { } total && job.Done + job.Failed != total)
            {
                yield return $"done + failed of job {job.Id} must be its {total} chunks; got {job.Done} + {job.Failed}";
            }

            if (job.IsFinal && chunks[job.Id].Count(chunk => chunk.Outcome is null) is > 0 and var open)
            {
                yield return $"chunks of ended job {job.Id} must have ended; {open} have not";
            }
        }
    }
}
