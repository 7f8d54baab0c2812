namespace Qwen3VL.Batch.Faults.Checking.Rules;

/// <summary>I10: what was given up is exactly what was planted as poison.</summary>
internal sealed class DeadLetterRule : IRule
{
    /// <inheritdoc/>
    public string Id => "I10";

    /// <inheritdoc/>
    public IEnumerable<string> Check(RunState state, RunExpectation expected)
    {
        foreach (ExpectedJob job in expected.Jobs)
        {
            if (state.Job(job) is not { } row)
            {
                continue;
            }

            int[] given = [.. state.Chunks.Where(chunk => chunk.Job == row.Id && chunk.Outcome == "failed").SelectMany(chunk => chunk.Pages).Order()];
            if (!given.SequenceEqual(job.PoisonPages.Order()))
            {
                yield return $"pages given up of job {row.Id} must be [{string.Join(' ', job.PoisonPages.Order())}]; got [{string.Join(' ', given)}]";
            }
        }

        if (state.DeadCommands != expected.DeadCommands)
        {
            yield return $"dead commands must be {expected.DeadCommands}; got {state.DeadCommands}";
        }
    }
}
