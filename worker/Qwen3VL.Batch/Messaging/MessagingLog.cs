using Microsoft.Extensions.Logging;
using Qwen3VL.Batch.Storage;

namespace Qwen3VL.Batch.Messaging;

/// <summary>Log lines of messaging, event ids 3000..3099. Ids, counts and codes only.</summary>
internal static partial class MessagingLog
{
    [LoggerMessage(3000, LogLevel.Warning, "broker not ready: {Reason}")]
    public static partial void BrokerNotReady(this ILogger logger, string reason);

    [LoggerMessage(3010, LogLevel.Information, "job {JobId}: submit {Status}")]
    public static partial void CommandRecorded(this ILogger logger, Guid jobId, SubmitStatus status);

    [LoggerMessage(3011, LogLevel.Warning, "submit rejected: {Code}: {Reason}")]
    public static partial void CommandRejected(this ILogger logger, string code, string reason);

    [LoggerMessage(3012, LogLevel.Information, "job {JobId}: cancel asked, open job found: {Found}")]
    public static partial void CancelRecorded(this ILogger logger, Guid jobId, bool found);

    [LoggerMessage(3013, LogLevel.Error, "command {MessageId} cannot be handled ({Error}); moved to vq.dead")]
    public static partial void CommandDeadLettered(this ILogger logger, Guid? messageId, string error);

    [LoggerMessage(3014, LogLevel.Warning, "sender of a dead submit command could not be told ({Error})")]
    public static partial void DeadSubmitNotRejected(this ILogger logger, string error);

    [LoggerMessage(3020, LogLevel.Warning, "event {MessageId} ({MessageType}) not confirmed ({Error}); again in {DelayMs:F0} ms")]
    public static partial void EventPostponed(this ILogger logger, Guid messageId, string messageType, string error, double delayMs);

    [LoggerMessage(3021, LogLevel.Warning, "outbox relay failed ({Error})")]
    public static partial void RelayFailed(this ILogger logger, string error);

    [LoggerMessage(3030, LogLevel.Debug, "wake-up not sent ({Error})")]
    public static partial void WakeNotSent(this ILogger logger, string error);

    [LoggerMessage(3015, LogLevel.Information, "job {JobId}: priority {Priority}, open job found: {Found}")]
    public static partial void PriorityRecorded(this ILogger logger, Guid jobId, int priority, bool found);

    [LoggerMessage(3016, LogLevel.Information, "replay {ReplayId}: {Replayed} of {Found} dead letters replayed")]
    public static partial void ReplayRecorded(this ILogger logger, Guid replayId, int replayed, int found);

    [LoggerMessage(3022, LogLevel.Error, "message {MessageId} ({MessageType}) was refused {Tries} times; moved to the dead letters")]
    public static partial void MessageGivenUp(this ILogger logger, Guid messageId, string messageType, int tries);

    [LoggerMessage(3040, LogLevel.Warning, "dead letter {Id} recorded: {Code}")]
    public static partial void DeadLetterRecorded(this ILogger logger, Guid id, string code);

    [LoggerMessage(3041, LogLevel.Warning, "dead letters cannot be recorded at present ({Error})")]
    public static partial void DeadLetterIngestWaits(this ILogger logger, string error);

    [LoggerMessage(3050, LogLevel.Warning, "the broker takes no messages: {Reason}")]
    public static partial void BrokerBlocked(this ILogger logger, string reason);

    [LoggerMessage(3051, LogLevel.Information, "the broker takes messages again")]
    public static partial void BrokerUnblocked(this ILogger logger);

    [LoggerMessage(3052, LogLevel.Critical, "commands had no consumer here for {Seconds:F0} s although the broker answers; this process ends")]
    public static partial void CommandEndpointLost(this ILogger logger, double seconds);

    [LoggerMessage(3053, LogLevel.Warning, "the broker's connection for checks ended ({Error})")]
    public static partial void BrokerWatchInterrupted(this ILogger logger, string error);
}
