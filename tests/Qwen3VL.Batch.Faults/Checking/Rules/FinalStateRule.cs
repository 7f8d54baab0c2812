using Qwen3VL.Batch.Faults.Checking.Facts;

namespace Qwen3VL.Batch.Faults.Checking.Rules;

/// <summary>I1: every command has exactly one job, and it ended in one of the states that are right for it.</summary>
internal sealed class FinalStateRule : IRule
{
    /// <inheritdoc/>
    public string Id => "I1";

    /// <inheritdoc/>
    public IEnumerable<string> Check(RunState state, RunExpectation expected)
    {
        foreach (ExpectedJob job in expected.Jobs)
        {
            JobFact[] found = [.. state.Jobs.Where(row => row.TenantId == job.TenantId && row.Key == job.Key)];
            if (found.Length != 1)
            {
                yield return $"key {job.Key} must have one job; got {found.Length}";
            }

            foreach (JobFact row in found.Where(row => !job.States.Contains(row.State)))
            {
                yield return $"job of key {job.Key} must end {string.Join(" or ", job.States)}; got {row.State}";
            }
        }
    }
}
