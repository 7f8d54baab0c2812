using Qwen3VL.Batch.Faults.Checking.Facts;
using Qwen3VL.Batch.Faults.Ledger;

namespace Qwen3VL.Batch.Faults.Checking.Rules;

/// <summary>
/// I8: what the broker confirmed was taken in (lost = 0), and nothing was taken in that nobody sent (unexpected = 0). Repeats are counted by
/// <see cref="CheckReport"/>, not forbidden.
/// </summary>
internal sealed class AccountRule : IRule
{
    /// <inheritdoc/>
    public string Id => "I8";

    /// <inheritdoc/>
    public IEnumerable<string> Check(RunState state, RunExpectation expected)
    {
        HashSet<string> taken = [.. state.Keys.Select(key => key.Key), .. state.Rejections.Select(key => key.Key)];
        foreach (string key in Keys(state, LedgerEvent.Confirmed).Where(key => !taken.Contains(key)))
        {
            yield return $"confirmed command {key} must be taken in; it is lost";
        }

        HashSet<string> sent = [.. Keys(state, LedgerEvent.Submitted), .. expected.Jobs.Select(job => job.Key)];
        foreach (KeyFact key in state.Keys.Where(key => !sent.Contains(key.Key)))
        {
            yield return $"key {key.Key} must have been sent; nobody did";
        }

        HashSet<string> refused = [.. state.Rejections.Select(key => key.Key)];
        if (!refused.SetEquals(expected.Rejections))
        {
            yield return $"refused commands must be [{string.Join(' ', expected.Rejections.Order())}]; got [{string.Join(' ', refused.Order())}]";
        }

        HashSet<Guid?> jobs = [.. state.Jobs.Select(job => (Guid?)job.Id)];
        foreach (Guid? job in state.Events.Select(seen => seen.Job).Where(job => job is not null && !jobs.Contains(job)).Distinct())
        {
            yield return $"events must be of jobs that exist; got some of {job}";
        }
    }

    private static IEnumerable<string> Keys(RunState state, string what) =>
        state.Ledger.Where(record => record.Event == what).Select(record => record.Key).OfType<string>().Distinct();
}
