using Qwen3VL.Batch.Contracts.V1;
using Qwen3VL.Batch.Jobs;
using Qwen3VL.Batch.Planning;
using Qwen3VL.Batch.Results;

namespace Qwen3VL.Batch.Storage;

/// <summary>
/// The ledger: which work exists, who holds it, what came of it. Each method is one short transaction; times are the database's. A method
/// that takes a <see cref="ClaimedGroup"/> does nothing and says so when the lease is no longer the caller's.
/// </summary>
internal interface IJobLedger
{
    /// <summary>Records a command once: idempotency key, job, planning group and the JobAccepted event in one transaction.</summary>
    Task<SubmitOutcome> SubmitAsync(SubmitJob command, CancellationToken cancellationToken);

    /// <summary>Records a refused command and its JobRejected event.</summary>
    Task RejectAsync(SubmitJob command, JobError error, CancellationToken cancellationToken);

    /// <summary>Asks a job to stop. False when there is no such open job of the tenant.</summary>
    Task<bool> RequestCancelAsync(long tenantId, Guid jobId, string? reason, CancellationToken cancellationToken);

    /// <summary>
    /// Moves an open job in the queue: its place follows from when it was accepted and from the priority. Repeating it changes nothing. False
    /// when there is no such open job of the tenant.
    /// </summary>
    Task<bool> SetPriorityAsync(long tenantId, Guid jobId, int priority, CancellationToken cancellationToken);

    /// <summary>Registers this process; the id goes into every lease.</summary>
    Task<long> RegisterWorkerAsync(WorkerIdentity worker, CancellationToken cancellationToken);

    /// <summary>Says that this process begins nothing new.</summary>
    Task MarkDrainingAsync(long workerId, CancellationToken cancellationToken);

    /// <summary>Says that this process stops.</summary>
    Task UnregisterWorkerAsync(long workerId, CancellationToken cancellationToken);

    /// <summary>Leases ready groups, as many as <paramref name="limits"/> has room for.</summary>
    Task<IReadOnlyList<ClaimedGroup>> ClaimAsync(long workerId, ClaimLimits limits, TimeSpan leaseTime, CancellationToken cancellationToken);

    /// <summary>Extends all leases of the worker in one statement. A lease that is not in the answer is lost.</summary>
    Task<HeartbeatAnswer> HeartbeatAsync(long workerId, IReadOnlyList<LeaseKey> leases, TimeSpan leaseTime, CancellationToken cancellationToken);

    /// <summary>The group's open chunks in order, with what happened to each before. None when the lease is lost.</summary>
    Task<IReadOnlyList<OpenChunk>> ReadOpenChunksAsync(ClaimedGroup group, CancellationToken cancellationToken);

    /// <summary>
    /// Says that an execution of the chunk begins: evidence that survives a crash. To be called right before the work, for the chunks of a
    /// group that wait must not look guilty. False when the chunk has ended or the lease is lost.
    /// </summary>
    Task<bool> StartChunkAsync(ClaimedGroup group, PlannedChunk chunk, CancellationToken cancellationToken);

    /// <summary>The job of a group.</summary>
    Task<JobRecord?> ReadJobAsync(Guid jobId, CancellationToken cancellationToken);

    /// <summary>The chunks of a job as they were planned, in order; empty when it was not.</summary>
    Task<IReadOnlyList<PlannedChunk>> ReadPlannedChunksAsync(Guid jobId, CancellationToken cancellationToken);

    /// <summary>
    /// Partial summaries <c>[firstPart, lastPart]</c> of a level, those that exist, in order; for a follow-up job also those of the job that it
    /// replays.
    /// </summary>
    Task<IReadOnlyList<SummaryPart>> ReadSummaryPartsAsync(Guid jobId, int level, int firstPart, int lastPart, CancellationToken cancellationToken);

    /// <summary>All window events of a job in order of time; for a follow-up job also those of windows that it does not do anew.</summary>
    Task<IReadOnlyList<SegmentResult>> ReadWindowEventsAsync(Guid jobId, CancellationToken cancellationToken);

    /// <summary>Ends planning: chunks, groups, facts and state in one transaction; deletes the planning group. Groups of stage 0 become ready.</summary>
    Task<bool> CommitPlanAsync(ClaimedGroup planning, JobPlan plan, CancellationToken cancellationToken);

    /// <summary>
    /// Ends a chunk well: compare-and-set, results, usage, counters, release of the next stage when this was the last of its own, and the
    /// final event when it was the last of the job, all in one transaction.
    /// </summary>
    Task<ChunkEnd> CompleteChunkAsync(ClaimedGroup group, PlannedChunk chunk, ChunkResult result, CancellationToken cancellationToken);

    /// <summary>
    /// Gives a chunk up with a reason: same transaction without results, with a dead letter and its event. Of <paramref name="evidence"/> only issues (raw answers) and usage are
    /// recorded: a <see cref="ContentException"/> carries them in <see cref="ContentException.Evidence"/>.
    /// </summary>
    Task<ChunkEnd> FailChunkAsync(ClaimedGroup group, PlannedChunk chunk, JobError error, ChunkResult evidence, CancellationToken cancellationToken);

    /// <summary>
    /// Records a failed execution of a chunk that stays open: error, attempt, usage that nobody pays, and when the chunk is due again. Once for
    /// each claim. False when the chunk has ended or the lease is lost: then only usage is written.
    /// </summary>
    Task<bool> RetryChunkAsync(
        ClaimedGroup group, PlannedChunk chunk, JobError error, ChunkResult evidence, ChunkRetry retry, CancellationToken cancellationToken);

    /// <summary>Fails a job that could not be planned.</summary>
    Task<bool> FailJobAsync(ClaimedGroup planning, JobError error, CancellationToken cancellationToken);

    /// <summary>
    /// Gives a group back unfinished; ready again after the delay and when one of its chunks is due. Chunks that were begun and have not ended
    /// leave no evidence. The group's counts are stored with it.
    /// </summary>
    Task ReleaseAsync(ClaimedGroup group, TimeSpan delay, CancellationToken cancellationToken);

    /// <summary>
    /// Gives a group back whose chunks in flight stopped the engine, or may have: each start counts as lost, with the same consequences as
    /// when the process had died.
    /// </summary>
    Task<TakenBack> ReleaseLostAsync(ClaimedGroup group, TimeSpan delay, CancellationToken cancellationToken);

    /// <summary>Deletes a group whose chunks have all ended, or whose job is cancelled; ends the job when cancelled and nothing is left.</summary>
    Task FinishGroupAsync(ClaimedGroup group, CancellationToken cancellationToken);

    /// <summary>
    /// Makes expired leases ready again, counts the starts that were lost with them, and ends cancelled and overdue jobs. Safe to run anywhere,
    /// any number of times.
    /// </summary>
    Task<SweepReport> SweepAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Rebuilds work and counters from the chunks where they are out of step with them. Safe to run anywhere, any number of times; reads all
    /// chunks of running jobs.
    /// </summary>
    Task<HealReport> HealAsync(CancellationToken cancellationToken);
}
