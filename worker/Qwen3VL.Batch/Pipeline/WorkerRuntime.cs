namespace Qwen3VL.Batch.Pipeline;

/// <summary>What the parts of one worker process share: how it stops, how it ends, that it lives, what it counts.</summary>
/// <param name="Drain">The steps of an orderly stop.</param>
/// <param name="Exit">The process's end.</param>
/// <param name="Activity">Proof of life.</param>
/// <param name="Metrics">Counters.</param>
/// <param name="Suspects">Lets one suspect of a crash run at a time.</param>
internal sealed record WorkerRuntime(DrainSignal Drain, ProcessExit Exit, WorkerActivity Activity, BatchMetrics Metrics, SuspectGate Suspects);
