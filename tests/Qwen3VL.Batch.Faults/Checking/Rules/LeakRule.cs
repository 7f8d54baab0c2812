namespace Qwen3VL.Batch.Faults.Checking.Rules;

/// <summary>
/// I11: workers that ended left no session at the database, no consumer at the broker (each connection that takes commands has one) and no process
/// that they started; and none took more memory than it may.
/// </summary>
internal sealed class LeakRule : IRule
{
    /// <inheritdoc/>
    public string Id => "I11";

    /// <inheritdoc/>
    public IEnumerable<string> Check(RunState state, RunExpectation expected)
    {
        if (state.WorkerSessions > 0)
        {
            yield return $"ended workers must leave no session at the database; got {state.WorkerSessions}";
        }

        if (state.CommandConsumers > 0)
        {
            yield return $"ended workers must leave no consumer of commands at the broker; got {state.CommandConsumers}";
        }

        if (state.LeftProcesses.Count > 0)
        {
            yield return $"ended workers must leave no process; got [{string.Join(' ', state.LeftProcesses)}]";
        }

        if (state.ResidentMiB > expected.MaxResidentMiB)
        {
            yield return $"memory of a worker must stay below {expected.MaxResidentMiB} MiB; got {state.ResidentMiB}";
        }
    }
}
