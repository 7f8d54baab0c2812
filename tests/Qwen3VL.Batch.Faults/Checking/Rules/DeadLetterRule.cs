using Qwen3VL.Batch.Jobs;

namespace Qwen3VL.Batch.Faults.Checking.Rules;

/// <summary>I10: what was given up is exactly what was planted as poison, and each of it has one dead letter.</summary>
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

        // A deadline is nobody's to look at: chunks that it ends have no dead letter.
        string[] failed = [.. state.Chunks.Where(chunk => chunk.Outcome == "failed" && chunk.ErrorCode != ErrorCodes.DeadlineExceeded).Select(chunk => $"chunk:{chunk.Job}:{chunk.ChunkNo}")];
        string[] letters = [.. state.DeadChunks.Select(letter => letter.Key)];
        if (!letters.Order().SequenceEqual(failed.Order()))
        {
            yield return $"dead letters of chunks must be [{string.Join(' ', failed.Order())}]; got [{string.Join(' ', letters.Order())}]";
        }

        if (state.DeadCommands != expected.DeadCommands)
        {
            yield return $"dead commands must be {expected.DeadCommands}; got {state.DeadCommands}";
        }
    }
}
