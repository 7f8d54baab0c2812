using Qwen3VL.Batch.Storage;

namespace Qwen3VL.Batch.Pipeline;

/// <summary>What the sweeper calls on.</summary>
/// <param name="Leader">Decides who sweeps.</param>
/// <param name="Ledger">Takes back and ends.</param>
/// <param name="Housekeeping">Deletes what is old.</param>
/// <param name="Partitions">Drops months of results, when that is asked for.</param>
/// <param name="Retention">What is old.</param>
internal sealed record SweepDuties(
    ISweepLeader Leader, IJobLedger Ledger, IHousekeeping Housekeeping, IPartitions Partitions, RetentionOptions Retention);
