namespace Qwen3VL.Batch.Storage;

/// <summary>What a heartbeat learned.</summary>
/// <param name="Leases">Leases that were extended; one that is missing is lost.</param>
/// <param name="DrainRequested">Somebody asked this worker to stop in order.</param>
internal sealed record HeartbeatAnswer(IReadOnlyList<RenewedLease> Leases, bool DrainRequested);
