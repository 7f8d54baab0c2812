using Microsoft.Extensions.Logging;
using Qwen3VL.Engine;

namespace Qwen3VL.Batch.Worker.Composition;

/// <summary>Log lines of the host, event ids 4000..4099.</summary>
internal static partial class HostLog
{
    [LoggerMessage(4000, LogLevel.Information, "engine: {Model} on {Backend}, {Blocks} KV blocks, up to {Tokens} tokens a request")]
    public static partial void EngineStarted(this ILogger logger, string model, string backend, int blocks, int tokens);

    [LoggerMessage(4001, LogLevel.Debug, "request {RequestId}: {Reason}, {PromptTokens} prompt tokens, {OutputTokens} output tokens")]
    public static partial void RequestFinished(this ILogger logger, long requestId, FinishReason reason, int promptTokens, int outputTokens);

    [LoggerMessage(4002, LogLevel.Information, "request {RequestId} preempted")]
    public static partial void SequencePreempted(this ILogger logger, long requestId);

    [LoggerMessage(4003, LogLevel.Critical, "engine failed: {Error}")]
    public static partial void EngineFailed(this ILogger logger, string error);

    [LoggerMessage(4004, LogLevel.Warning, "model file {File} has keys that the engine does not know: {Keys}")]
    public static partial void UnknownModelKeys(this ILogger logger, string file, string keys);

    [LoggerMessage(4005, LogLevel.Information, "loading weights: {LoadedMiB} of {TotalMiB} MiB")]
    public static partial void WeightsLoading(this ILogger logger, long loadedMiB, long totalMiB);

    [LoggerMessage(4006, LogLevel.Warning, "the checkpoint has {Count} tensors that the model does not use, among them: {Names}")]
    public static partial void UnusedTensors(this ILogger logger, int count, string names);

    [LoggerMessage(4007, LogLevel.Information, "YaRN runs with the stated factor {Factor}, not with max_position_embeddings {MaxPositions} over the trained {OriginalMaxPositions}")]
    public static partial void ScalingFactorDiffers(this ILogger logger, double factor, int maxPositions, int originalMaxPositions);

    [LoggerMessage(4008, LogLevel.Information, "request {RequestId} failed while it ran: {Error}")]
    public static partial void RequestFailed(this ILogger logger, long requestId, string error);

    [LoggerMessage(4010, LogLevel.Warning, "database not reachable for the schema check ({Error}); looking again in {DelayMs:F0} ms")]
    public static partial void SchemaCheckWaits(this ILogger logger, string error, double delayMs);

    [LoggerMessage(4011, LogLevel.Information, "database schema {Version}")]
    public static partial void SchemaVerified(this ILogger logger, int version);

    [LoggerMessage(4020, LogLevel.Information, "health on http://127.0.0.1:{Port}/live, /ready and /broker")]
    public static partial void HealthListens(this ILogger logger, int port);

    [LoggerMessage(4030, LogLevel.Information, "quarantine worker started as process {ProcessId}")]
    public static partial void QuarantineStarted(this ILogger logger, int processId);

    [LoggerMessage(4031, LogLevel.Information, "quarantine worker ended in order ({ExitCode})")]
    public static partial void QuarantineEnded(this ILogger logger, int exitCode);

    [LoggerMessage(4032, LogLevel.Warning, "quarantine worker crashed ({ExitCode}); the next may start in {DelayMs:F0} ms")]
    public static partial void QuarantineCrashed(this ILogger logger, int exitCode, double delayMs);

    [LoggerMessage(4033, LogLevel.Warning, "quarantine worker {ProcessId} did not end in time and was killed")]
    public static partial void QuarantineKilled(this ILogger logger, int processId);

    [LoggerMessage(4034, LogLevel.Warning, "quarantine lane could not be looked at or served ({Error})")]
    public static partial void QuarantineUnknown(this ILogger logger, string error);

    [LoggerMessage(4036, LogLevel.Information, "another worker's process serves the quarantine lane: this one ends")]
    public static partial void QuarantineTaken(this ILogger logger);

    [LoggerMessage(4035, LogLevel.Information, "nothing in the quarantine lane for {Seconds} s: this worker ends")]
    public static partial void QuarantineIdle(this ILogger logger, double seconds);
}
