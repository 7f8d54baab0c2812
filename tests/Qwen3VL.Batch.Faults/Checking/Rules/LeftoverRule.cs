using Qwen3VL.Batch.Faults.Checking.Facts;

namespace Qwen3VL.Batch.Faults.Checking.Rules;

/// <summary>I7: when all has ended no group is left, no lease has run out unnoticed, and no event waits to be sent.</summary>
internal sealed class LeftoverRule : IRule
{
    /// <inheritdoc/>
    public string Id => "I7";

    /// <inheritdoc/>
    public IEnumerable<string> Check(RunState state, RunExpectation expected)
    {
        foreach (WorkFact work in state.Work)
        {
            string how = work.IsExpired ? "leased, run out" : work.IsLeased ? "leased" : "ready";
            yield return $"no group must be left; got group {work.GroupNo} of job {work.Job}, {how}";
        }

        if (state.OutboxRows > 0)
        {
            yield return $"no event must wait to be sent; got {state.OutboxRows}";
        }
    }
}
