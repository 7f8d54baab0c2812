namespace Qwen3VL.Batch.Faults.Servers;

/// <summary>An event as a subscriber got it; repeats are events of their own.</summary>
/// <param name="RoutingKey">For example <c>job.succeeded</c>.</param>
/// <param name="MessageId">The same for repeats.</param>
/// <param name="Job">Job it is about; null for one about a refused command.</param>
internal sealed record SeenEvent(string RoutingKey, string MessageId, Guid? Job)
{
    /// <summary>Whether it tells of a job's end.</summary>
    public bool IsFinal => RoutingKey is "job.succeeded" or "job.partial" or "job.failed" or "job.cancelled";
}
