using Qwen3VL.Batch.Faults.Checking.Facts;
using Qwen3VL.Batch.Faults.Servers;

namespace Qwen3VL.Batch.Faults.Checking.Rules;

/// <summary>I6: an ended job was told of by one final event, that of its state, and by one of its acceptance; repeats have the same message id.</summary>
internal sealed class FinalEventRule : IRule
{
    /// <inheritdoc/>
    public string Id => "I6";

    /// <inheritdoc/>
    public IEnumerable<string> Check(RunState state, RunExpectation expected)
    {
        ILookup<Guid?, SeenEvent> events = state.Events.ToLookup(seen => seen.Job);
        foreach (JobFact job in state.Jobs)
        {
            string[] finals = [.. events[job.Id].Where(seen => seen.IsFinal).DistinctBy(seen => seen.MessageId).Select(seen => seen.RoutingKey)];
            string[] wanted = job.IsFinal ? ["job." + job.State] : [];
            if (!finals.SequenceEqual(wanted))
            {
                yield return $"job {job.Id} ({job.State}) must have final events [{string.Join(' ', wanted)}]; got [{string.Join(' ', finals)}]";
            }

            int accepted = events[job.Id].Where(seen => seen.RoutingKey == "job.accepted").DistinctBy(seen => seen.MessageId).Count();
            if (accepted != 1)
            {
                yield return $"job {job.Id} must have one event of its acceptance; got {accepted}";
            }
        }
    }
}
