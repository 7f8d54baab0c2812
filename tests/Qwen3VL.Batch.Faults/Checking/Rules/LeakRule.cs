namespace Qwen3VL.Batch.Faults.Checking.Rules;

/// <summary>I11: workers that ended left no session at the database, and none took more memory than it may.</summary>
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

        if (state.ResidentMiB > expected.MaxResidentMiB)
        {
            yield return $"memory of a worker must stay below {expected.MaxResidentMiB} MiB; got {state.ResidentMiB}";
        }
    }
}
