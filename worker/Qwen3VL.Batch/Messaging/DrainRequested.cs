namespace Qwen3VL.Batch.Messaging;

/// <summary>Hint to all workers: one of them is asked to drain; its next heartbeat tells it. Losing it costs one interval.</summary>
/// <param name="WorkerId">Which worker, for people who read the wire.</param>
internal sealed record DrainRequested(long WorkerId);
