using System.Text.Json;
using MassTransit;
using Microsoft.Extensions.Logging;
using Qwen3VL.Batch.Contracts.V1;
using Qwen3VL.Batch.Jobs;
using Qwen3VL.Batch.Storage;

namespace Qwen3VL.Batch.Messaging;

/// <summary>
/// Tells the sender of a submit command that became a dead letter, as far as its body names tenant and key: who waits for the job would wait
/// for ever. Best effort: the dead letter itself is safe by then.
/// </summary>
internal sealed class DeadSubmit(IJobLedger ledger, WakeUp wakeUp, TimeProvider time, ILogger<DeadSubmit> logger)
{
    private const int MaxReasonLength = 500;

    private static readonly TimeSpan TimeLimit = TimeSpan.FromSeconds(10);
    private static readonly string SubmitType = BrokerNames.ContractType(nameof(SubmitJob));

    /// <summary>Records a rejection when the message is a submit command with a readable key. Never throws.</summary>
    /// <param name="context">The message.</param>
    /// <param name="cause">Why it is dead.</param>
    public Task RejectAsync(ReceiveContext context, Exception cause)
    {
        // A reader's message quotes at most a property's name; of any other error nothing is passed on.
        JobError error = cause is JsonException
            ? new JobError(ErrorCodes.InvalidCommand, "command must be JSON of the contract; " + (cause.Message.Length <= MaxReasonLength ? cause.Message : cause.Message[..MaxReasonLength]))
            : new JobError(ErrorCodes.Internal, "command could not be recorded; it is kept with the dead letters");
        return RejectAsync(context, error);
    }

    /// <summary>Records a rejection when the message is a submit command with a readable key. Never throws.</summary>
    /// <param name="context">The message.</param>
    /// <param name="error">What its sender is told.</param>
    public async Task RejectAsync(ReceiveContext context, JobError error)
    {
        if (context.TransportHeaders.Get<string>(BrokerNames.MessageTypeHeader) != SubmitType || CommandSender.Read(context.GetBody()) is not { } sender)
        {
            return;
        }

        using var limit = new CancellationTokenSource(TimeLimit, time);
        try
        {
            await ledger.RejectAsync(RequestHash.Unread(sender.TenantId, sender.IdempotencyKey), error, limit.Token).ConfigureAwait(false);
            logger.CommandRejected(error.Code, error.Message);
            wakeUp.EventsCommitted();
        }
        catch (Exception exception)
        {
            // Broad on purpose: the message is in the dead letters already, and must not be dead-lettered again.
            logger.DeadSubmitNotRejected(exception.GetType().Name);
        }
    }
}
