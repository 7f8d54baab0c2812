using System.Collections.Concurrent;
using Qwen3VL.Batch.Pipeline;
using Qwen3VL.Batch.Storage;

namespace Qwen3VL.Batch.Tests.Pipeline;

/// <summary>What a sweeper does beside sweeping, in memory: who leads is said by the test, and there is nothing to put away.</summary>
internal sealed class FakeHousekeeping : ISweepLeader, IHousekeeping, IPartitions
{
    public bool Leads { get; set; } = true;

    public ConcurrentQueue<string> Calls { get; } = new();

    public SweepDuties Duties(IJobLedger ledger) => new(this, ledger, this, this, new RetentionOptions());

    public Task<bool> TryLeadAsync(CancellationToken cancellationToken)
    {
        Calls.Enqueue("lead");
        return Task.FromResult(Leads);
    }

    public Task<HousekeepingReport> RunAsync(RetentionOptions retention, TimeSpan silence, CancellationToken cancellationToken)
    {
        Calls.Enqueue("keep house");
        return Task.FromResult(new HousekeepingReport(0, 0));
    }

    public Task<IReadOnlyList<PartitionMonth>> ListAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<int> EnsureAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<IReadOnlyList<DateOnly>> MonthsBeforeAsync(DateOnly first, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<MonthDrop> DropMonthAsync(DateOnly month, CancellationToken cancellationToken) => throw new NotSupportedException();
}
