namespace Qwen3VL.Batch.Storage;

/// <summary>A lease that a heartbeat extended.</summary>
/// <param name="Key">Which.</param>
/// <param name="Cancelled">The job was cancelled: stop the work and finish the group.</param>
internal readonly record struct RenewedLease(LeaseKey Key, bool Cancelled);
