using Qwen3VL.Batch.Media;
using Qwen3VL.Batch.Media.Processes;
using Qwen3VL.Batch.Storage;

namespace Qwen3VL.Batch.Pipeline;

/// <summary>What is counted of a group over all its claims, beside what its chunks count.</summary>
internal static class GroupCounts
{
    /// <summary>The group after a claim that ended by an exception. Of a worker without room, and of a database that is away, nothing is counted.</summary>
    public static ClaimedGroup After(ClaimedGroup group, Exception exception) => exception switch
    {
        SourceUnavailableException outage => outage.IsOfWorker ? group : group with { Outages = group.Outages + 1 },
        // The file was there: a decoder had begun with it.
        DecoderInterruptedException => group with { Outages = 0, Defects = group.Defects + 1 },
        _ when TransientErrors.IsTransient(exception) => group,
        _ => group with { Defects = group.Defects + 1 },
    };
}
