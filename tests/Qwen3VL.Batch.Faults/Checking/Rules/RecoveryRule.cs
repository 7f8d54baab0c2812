namespace Qwen3VL.Batch.Faults.Checking.Rules;

/// <summary>I12: what broke was right again in time.</summary>
internal sealed class RecoveryRule : IRule
{
    /// <inheritdoc/>
    public string Id => "I12";

    /// <inheritdoc/>
    public IEnumerable<string> Check(RunState state, RunExpectation expected) => expected.Recoveries
        .Where(recovery => recovery.Took > recovery.Bound * expected.Slowness)
        .Select(recovery => $"{recovery.Name} must be over within {recovery.Bound.TotalSeconds * expected.Slowness:F1} s; took {recovery.Took.TotalSeconds:F1} s");
}
