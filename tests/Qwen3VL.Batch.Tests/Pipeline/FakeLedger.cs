using System.Collections.Concurrent;
using Qwen3VL.Batch.Contracts.V1;
using Qwen3VL.Batch.Jobs;
using Qwen3VL.Batch.Planning;
using Qwen3VL.Batch.Results;
using Qwen3VL.Batch.Storage;

namespace Qwen3VL.Batch.Tests.Pipeline;

/// <summary>Records what the pipeline says to the ledger, in order; a test sets the answers.</summary>
internal sealed class FakeLedger : IJobLedger
{
    public ConcurrentQueue<string> Calls { get; } = new();

    public ConcurrentQueue<ClaimedGroup> Ready { get; } = new();

    public ConcurrentQueue<(int ChunkNo, JobError Error, ChunkResult Evidence)> Failures { get; } = new();

    public ConcurrentQueue<TimeSpan> ReleaseDelays { get; } = new();

    /// <summary>What giving a chunk up comes to.</summary>
    public ChunkEnd FailureEnds { get; set; } = ChunkEnd.Recorded;

    public ConcurrentQueue<ClaimedGroup> Released { get; } = new();

    public ConcurrentQueue<int> SharedCounts { get; } = new();

    public JobRecord? Job { get; set; }

    /// <summary>What every heartbeat answers: somebody asked for a drain.</summary>
    public bool DrainRequested { get; set; }

    public IReadOnlyList<PlannedChunk> Chunks { get; set; } = [];

    /// <summary>What is known of a chunk; clean and due unless a test says otherwise.</summary>
    public Func<PlannedChunk, OpenChunk> Open { get; set; } = chunk => new OpenChunk(chunk, ChunkHistory.None);

    public ConcurrentQueue<(int ChunkNo, JobError Error, ChunkResult Evidence, ChunkRetry Retry)> Retries { get; } = new();

    /// <summary>Null answers that every lease is renewed.</summary>
    public Func<IReadOnlyList<LeaseKey>, CancellationToken, Task<IReadOnlyList<RenewedLease>>>? Heartbeat { get; set; }

    /// <summary>Called before a chunk is completed; throws to simulate a failure.</summary>
    public Action<PlannedChunk> BeforeComplete { get; set; } = _ => { };

    public Task<IReadOnlyList<ClaimedGroup>> ClaimAsync(long workerId, ClaimLimits limits, TimeSpan leaseTime, CancellationToken cancellationToken)
    {
        int count = limits.Count;
        Calls.Enqueue($"claim {count}");
        SharedCounts.Enqueue(limits.SharedCount);
        List<ClaimedGroup> claimed = [];
        while (claimed.Count < count && Ready.TryDequeue(out ClaimedGroup? group))
        {
            claimed.Add(group);
        }

        return Task.FromResult<IReadOnlyList<ClaimedGroup>>(claimed);
    }

    public async Task<HeartbeatAnswer> HeartbeatAsync(long workerId, IReadOnlyList<LeaseKey> leases, TimeSpan leaseTime, CancellationToken cancellationToken)
    {
        Calls.Enqueue($"beat {leases.Count}");
        IReadOnlyList<RenewedLease> renewed = Heartbeat is { } answer
            ? await answer(leases, cancellationToken)
            : [.. leases.Select(key => new RenewedLease(key, false))];
        return new HeartbeatAnswer(renewed, DrainRequested);
    }

    public Task<JobRecord?> ReadJobAsync(Guid jobId, CancellationToken cancellationToken) => Task.FromResult(Job);

    public Task<IReadOnlyList<OpenChunk>> ReadOpenChunksAsync(ClaimedGroup group, CancellationToken cancellationToken) =>
        Say("open", (IReadOnlyList<OpenChunk>)[.. Chunks.Select(Open)]);

    public Task<bool> StartChunkAsync(ClaimedGroup group, PlannedChunk chunk, CancellationToken cancellationToken) => Say($"start {chunk.ChunkNo}", true);

    public Task<bool> RetryChunkAsync(
        ClaimedGroup group, PlannedChunk chunk, JobError error, ChunkResult evidence, ChunkRetry retry, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Retries.Enqueue((chunk.ChunkNo, error, evidence, retry));
        return Say($"retry {chunk.ChunkNo} {error.Code}", true);
    }

    public Task<IReadOnlyList<SummaryPart>> ReadSummaryPartsAsync(Guid jobId, int level, int firstPart, int lastPart, CancellationToken cancellationToken) =>
        Say($"parts of level {level}, {firstPart}..{lastPart}", (IReadOnlyList<SummaryPart>)[new SummaryPart(level, firstPart, "part")]);

    public Task<IReadOnlyList<SegmentResult>> ReadWindowEventsAsync(Guid jobId, CancellationToken cancellationToken) =>
        Say("events", (IReadOnlyList<SegmentResult>)[new SegmentResult(SegmentKind.WindowEvent, 0, 0, 1, "event", false)]);

    /// <summary>Called before a plan is stored; throws to simulate a failure.</summary>
    public Action BeforePlan { get; set; } = () => { };

    public Task<bool> CommitPlanAsync(ClaimedGroup planning, JobPlan plan, CancellationToken cancellationToken)
    {
        BeforePlan();
        return Say($"plan {plan.Groups.Count}", true);
    }

    public Task<ChunkEnd> CompleteChunkAsync(ClaimedGroup group, PlannedChunk chunk, ChunkResult result, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        BeforeComplete(chunk);
        return Say($"complete {chunk.ChunkNo}", ChunkEnd.Recorded);
    }

    public Task<ChunkEnd> FailChunkAsync(ClaimedGroup group, PlannedChunk chunk, JobError error, ChunkResult evidence, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Failures.Enqueue((chunk.ChunkNo, error, evidence));
        return Say($"fail {chunk.ChunkNo} {error.Code}", FailureEnds);
    }

    public Task<bool> FailJobAsync(ClaimedGroup planning, JobError error, CancellationToken cancellationToken) => Say($"fail job {error.Code}", true);

    public Task ReleaseAsync(ClaimedGroup group, TimeSpan delay, CancellationToken cancellationToken)
    {
        ReleaseDelays.Enqueue(delay);
        Released.Enqueue(group);
        return Say($"release {group.GroupNo}", true);
    }

    public Task<TakenBack> ReleaseLostAsync(ClaimedGroup group, TimeSpan delay, CancellationToken cancellationToken)
    {
        ReleaseDelays.Enqueue(delay);
        return Say($"release lost {group.GroupNo}", new TakenBack(1, 0, 0));
    }

    public Task FinishGroupAsync(ClaimedGroup group, CancellationToken cancellationToken) => Say($"finish {group.GroupNo}", true);

    public Task<long> RegisterWorkerAsync(WorkerIdentity worker, CancellationToken cancellationToken) => Say("register", 7L);

    public Task MarkDrainingAsync(long workerId, CancellationToken cancellationToken) => Say("draining", true);

    public Task UnregisterWorkerAsync(long workerId, CancellationToken cancellationToken) => Say("unregister", true);

    /// <summary>Called before a sweep; throws to simulate a failure.</summary>
    public Action BeforeSweep { get; set; } = () => { };

    public Task<SweepReport> SweepAsync(CancellationToken cancellationToken)
    {
        try
        {
            BeforeSweep();
        }
        catch
        {
            Calls.Enqueue("sweep failed");
            throw;
        }

        return Say("sweep", new SweepReport(0, 0, 0));
    }

    public Task<HealReport> HealAsync(CancellationToken cancellationToken) => Say("heal", new HealReport(0, 0, 0, 0, 0));

    public IReadOnlyList<PlannedChunk> ReplayedChunks { get; set; } = [];

    public Task<IReadOnlyList<PlannedChunk>> ReadPlannedChunksAsync(Guid jobId, CancellationToken cancellationToken) => Say($"planned {jobId}", ReplayedChunks);

    public Task<bool> SetPriorityAsync(long tenantId, Guid jobId, int priority, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<SubmitOutcome> SubmitAsync(SubmitJob command, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task RejectAsync(SubmitJob command, JobError error, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<bool> RequestCancelAsync(long tenantId, Guid jobId, string? reason, CancellationToken cancellationToken) => throw new NotSupportedException();

    private Task<T> Say<T>(string call, T answer)
    {
        Calls.Enqueue(call);
        return Task.FromResult(answer);
    }
}
