namespace Qwen3VL.Batch.Faults.Soak;

/// <summary>What is seen at one moment of a soak.</summary>
/// <param name="Seconds">Since its begin.</param>
/// <param name="Done">Chunks that have succeeded.</param>
/// <param name="ResidentMiB">Memory of the worker that is never killed.</param>
/// <param name="DeadTuples">Dead rows of the hot list, as the server counts them.</param>
/// <param name="WalMiB">Write-ahead log written since the begin.</param>
/// <param name="Groups">Groups that are not done.</param>
/// <param name="Outbox">Events that wait to be sent.</param>
/// <param name="ClaimMs">A claim at this moment.</param>
internal sealed record SoakSample(double Seconds, long Done, double ResidentMiB, long DeadTuples, double WalMiB, long Groups, long Outbox, double ClaimMs);
