using Microsoft.Extensions.Logging;
using Qwen3VL.Batch.Contracts.V1;
using Qwen3VL.Batch.Storage;

namespace Qwen3VL.Batch.Pipeline;

/// <summary>Log lines of the pipeline, event ids 2000..2099. Ids, counts and codes only: never document or model text.</summary>
internal static partial class PipelineLog
{
    [LoggerMessage(2000, LogLevel.Information, "worker {WorkerId} registered with {Slots} slots")]
    public static partial void WorkerRegistered(this ILogger logger, long workerId, int slots);

    [LoggerMessage(2001, LogLevel.Warning, "database not reachable ({Error}); looking again in {DelayMs:F0} ms")]
    public static partial void DatabaseUnreachable(this ILogger logger, string error, double delayMs);

    [LoggerMessage(2002, LogLevel.Information, "worker {WorkerId} drains: {Running} groups in flight, grace {GraceSeconds} s")]
    public static partial void DrainBegan(this ILogger logger, long workerId, int running, double graceSeconds);

    [LoggerMessage(2003, LogLevel.Warning, "grace is over: giving back {Running} groups unfinished")]
    public static partial void DrainEnded(this ILogger logger, int running);

    [LoggerMessage(2004, LogLevel.Information, "worker {WorkerId} has given all work back")]
    public static partial void WorkerStopped(this ILogger logger, long workerId);

    [LoggerMessage(2005, LogLevel.Warning, "worker {WorkerId} could not be unregistered ({Error})")]
    public static partial void UnregisterFailed(this ILogger logger, long workerId, string error);

    [LoggerMessage(2006, LogLevel.Information, "worker {WorkerId} was asked to drain")]
    public static partial void DrainRequested(this ILogger logger, long workerId);

    [LoggerMessage(2007, LogLevel.Warning, "worker {WorkerId} could not say that it drains ({Error})")]
    public static partial void DrainNotSaid(this ILogger logger, long workerId, string error);

    [LoggerMessage(2010, LogLevel.Warning, "heartbeat of {Leases} leases failed ({Error})")]
    public static partial void HeartbeatFailed(this ILogger logger, int leases, string error);

    [LoggerMessage(2011, LogLevel.Warning, "lease of job {JobId} group {GroupNo} fence {Fence} ended: {End}; its work stops")]
    public static partial void LeaseLost(this ILogger logger, Guid jobId, int groupNo, long fence, LeaseEnd end);

    [LoggerMessage(2012, LogLevel.Information, "job {JobId} is cancelled; group {GroupNo} fence {Fence} stops")]
    public static partial void LeaseCancelled(this ILogger logger, Guid jobId, int groupNo, long fence);

    [LoggerMessage(2020, LogLevel.Information, "job {JobId} planned: {Chunks} chunks in {Groups} groups")]
    public static partial void JobPlanned(this ILogger logger, Guid jobId, int chunks, int groups);

    /// <summary>A reason may name a file, and a file's name may hold anything.</summary>
    public static void JobFailed(this ILogger logger, Guid jobId, string code, string reason) => logger.JobFailedBecause(jobId, code, SafeText.Line(reason));

    [LoggerMessage(2022, LogLevel.Debug, "job {JobId} group {GroupNo} fence {Fence}: {Chunks} chunks begin")]
    public static partial void GroupBegan(this ILogger logger, Guid jobId, int groupNo, long fence, int chunks);

    [LoggerMessage(2023, LogLevel.Information, "job {JobId} chunk {ChunkNo}: {End} in {ElapsedMs:F0} ms")]
    public static partial void ChunkEnded(this ILogger logger, Guid jobId, int chunkNo, ChunkEnd end, double elapsedMs);

    /// <summary>As <see cref="JobFailed"/>.</summary>
    public static void ChunkFailed(this ILogger logger, Guid jobId, int chunkNo, string code, string reason) =>
        logger.ChunkFailedBecause(jobId, chunkNo, code, SafeText.Line(reason));

    [LoggerMessage(2025, LogLevel.Error, "job {JobId} group {GroupNo}: unexpected {Error} at {Site}; recorded as internal")]
    public static partial void Defect(this ILogger logger, Guid jobId, int groupNo, string error, string site);

    [LoggerMessage(2026, LogLevel.Warning, "job {JobId} group {GroupNo} fence {Fence} given back ({Reason}); ready again in {DelayMs:F0} ms")]
    public static partial void GroupReleased(this ILogger logger, Guid jobId, int groupNo, long fence, string reason, double delayMs);

    [LoggerMessage(2027, LogLevel.Warning, "job {JobId} group {GroupNo} could not be settled ({Error}); its lease will expire")]
    public static partial void SettleFailed(this ILogger logger, Guid jobId, int groupNo, string error);

    [LoggerMessage(2028, LogLevel.Critical, "the engine stopped: {Reason}; the process ends so that a fresh one takes over")]
    public static partial void EngineStopped(this ILogger logger, string reason);

    /// <summary>As <see cref="JobFailed"/>.</summary>
    public static void ChunkRetried(this ILogger logger, Guid jobId, int chunkNo, JobError error, double delayMs, int failures, int degradation) =>
        logger.ChunkRetriedBecause(jobId, chunkNo, error.Code, SafeText.Line(error.Message), delayMs, failures, degradation);

    [LoggerMessage(2031, LogLevel.Warning, "{LostStarts} starts of chunks were lost; {Quarantined} moved to quarantine, {Crashed} given up")]
    public static partial void StartsLost(this ILogger logger, int lostStarts, int quarantined, int crashed);

    [LoggerMessage(2032, LogLevel.Critical, "the engine is stuck: {OpenRequests} requests and nothing computed for {Seconds} s; the groups are given back and the process ends")]
    public static partial void EngineStuck(this ILogger logger, int openRequests, double seconds);

    [LoggerMessage(2033, LogLevel.Warning, "healed: {Groups} groups rebuilt, {Plannings} plannings rebuilt, {Stages} groups of begun stages freed, {Counters} jobs recounted, {Jobs} jobs ended")]
    public static partial void Healed(this ILogger logger, int groups, int plannings, int stages, int counters, int jobs);

    [LoggerMessage(2030, LogLevel.Debug, "ledger call failed ({Error}), try {Attempt}; again in {DelayMs:F0} ms")]
    public static partial void LedgerCallRetried(this ILogger logger, string error, int attempt, double delayMs);

    [LoggerMessage(2040, LogLevel.Information, "sweep: {Expired} leases taken back, {Cancelled} jobs cancelled, {Overdue} jobs overdue")]
    public static partial void Swept(this ILogger logger, int expired, int cancelled, int overdue);

    [LoggerMessage(2042, LogLevel.Information, "housekeeping: {Lost} workers lost, {Rows} old rows deleted, {Partitions} months of results dropped")]
    public static partial void HouseKept(this ILogger logger, int lost, long rows, int partitions);

    [LoggerMessage(2043, LogLevel.Warning, "housekeeping failed ({Error})")]
    public static partial void HousekeepingFailed(this ILogger logger, string error);

    [LoggerMessage(2044, LogLevel.Warning, "results of {Month:yyyy-MM} could not be dropped ({Error}): run qwen3vl-batch partitions drop as the schema's owner")]
    public static partial void MonthKept(this ILogger logger, DateOnly month, string error);

    [LoggerMessage(2045, LogLevel.Information, "this worker leads the sweeps")]
    public static partial void SweepsLed(this ILogger logger);

    [LoggerMessage(2041, LogLevel.Warning, "sweep failed ({Error})")]
    public static partial void SweepFailed(this ILogger logger, string error);

    [LoggerMessage(2021, LogLevel.Warning, "job {JobId} failed in planning: {Code}: {Reason}")]
    private static partial void JobFailedBecause(this ILogger logger, Guid jobId, string code, string reason);

    [LoggerMessage(2024, LogLevel.Warning, "job {JobId} chunk {ChunkNo} given up: {Code}: {Reason}")]
    private static partial void ChunkFailedBecause(this ILogger logger, Guid jobId, int chunkNo, string code, string reason);

    [LoggerMessage(2029, LogLevel.Warning, "job {JobId} chunk {ChunkNo} failed: {Code}: {Reason}; again in {DelayMs:F0} ms ({Failures} failures, {Degradation} steps smaller before)")]
    private static partial void ChunkRetriedBecause(
        this ILogger logger, Guid jobId, int chunkNo, string code, string reason, double delayMs, int failures, int degradation);
}
