namespace Qwen3VL.Batch.Messaging;

/// <summary>Hint to all workers: a job is being cancelled; who holds its groups learns it from a heartbeat at once. Losing it costs one interval.</summary>
/// <param name="JobId">Which job, for people who read the wire.</param>
internal sealed record CancelRequested(Guid JobId);
