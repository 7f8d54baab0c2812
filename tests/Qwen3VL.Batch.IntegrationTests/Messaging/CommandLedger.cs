using System.Collections.Concurrent;
using Qwen3VL.Batch.Contracts.V1;
using Qwen3VL.Batch.Jobs;
using Qwen3VL.Batch.Planning;
using Qwen3VL.Batch.Results;
using Qwen3VL.Batch.Storage;

namespace Qwen3VL.Batch.IntegrationTests.Messaging;

/// <summary>The part of the ledger that commands reach, in memory: these tests are about the broker.</summary>
internal sealed class CommandLedger : IJobLedger
{
    public ConcurrentQueue<SubmitJob> Submitted { get; } = new();

    public ConcurrentQueue<(SubmitJob Command, JobError Error)> Rejected { get; } = new();

    public ConcurrentQueue<Guid> Cancelled { get; } = new();

    public ConcurrentQueue<(long TenantId, Guid JobId, int Priority)> Moved { get; } = new();

    /// <summary>Runs before a submit is recorded; throws to simulate a failure.</summary>
    public Action BeforeSubmit { get; set; } = () => { };

    /// <summary>Runs before a submit is recorded; may hang, as a statement behind a lock does.</summary>
    public Func<CancellationToken, Task> BeforeSubmitAsync { get; set; } = _ => Task.CompletedTask;

    public async Task<SubmitOutcome> SubmitAsync(SubmitJob command, CancellationToken cancellationToken)
    {
        BeforeSubmit();
        await BeforeSubmitAsync(cancellationToken);
        Submitted.Enqueue(command);
        return new SubmitOutcome(SubmitStatus.Accepted, Guid.CreateVersion7(TimeProvider.System.GetUtcNow()));
    }

    public Task RejectAsync(SubmitJob command, JobError error, CancellationToken cancellationToken)
    {
        Rejected.Enqueue((command, error));
        return Task.CompletedTask;
    }

    public Task<bool> RequestCancelAsync(long tenantId, Guid jobId, string? reason, CancellationToken cancellationToken)
    {
        Cancelled.Enqueue(jobId);
        return Task.FromResult(true);
    }

    public Task<long> RegisterWorkerAsync(WorkerIdentity worker, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task MarkDrainingAsync(long workerId, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<bool> SetPriorityAsync(long tenantId, Guid jobId, int priority, CancellationToken cancellationToken)
    {
        Moved.Enqueue((tenantId, jobId, priority));
        return Task.FromResult(true);
    }

    public Task<IReadOnlyList<PlannedChunk>> ReadPlannedChunksAsync(Guid jobId, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task UnregisterWorkerAsync(long workerId, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<IReadOnlyList<ClaimedGroup>> ClaimAsync(long workerId, ClaimLimits limits, TimeSpan leaseTime, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<HeartbeatAnswer> HeartbeatAsync(long workerId, IReadOnlyList<LeaseKey> leases, TimeSpan leaseTime, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<IReadOnlyList<OpenChunk>> ReadOpenChunksAsync(ClaimedGroup group, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<bool> StartChunkAsync(ClaimedGroup group, PlannedChunk chunk, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<bool> RetryChunkAsync(
        ClaimedGroup group, PlannedChunk chunk, JobError error, ChunkResult evidence, ChunkRetry retry, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<HealReport> HealAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<TakenBack> ReleaseLostAsync(ClaimedGroup group, TimeSpan delay, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<JobRecord?> ReadJobAsync(Guid jobId, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<IReadOnlyList<SummaryPart>> ReadSummaryPartsAsync(Guid jobId, int level, int firstPart, int lastPart, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<IReadOnlyList<SegmentResult>> ReadWindowEventsAsync(Guid jobId, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<bool> CommitPlanAsync(ClaimedGroup planning, JobPlan plan, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<ChunkEnd> CompleteChunkAsync(ClaimedGroup group, PlannedChunk chunk, ChunkResult result, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<ChunkEnd> FailChunkAsync(ClaimedGroup group, PlannedChunk chunk, JobError error, ChunkResult evidence, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<bool> FailJobAsync(ClaimedGroup planning, JobError error, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task ReleaseAsync(ClaimedGroup group, TimeSpan delay, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task FinishGroupAsync(ClaimedGroup group, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<SweepReport> SweepAsync(CancellationToken cancellationToken) => throw new NotSupportedException();
}
