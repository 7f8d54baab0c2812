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
}
