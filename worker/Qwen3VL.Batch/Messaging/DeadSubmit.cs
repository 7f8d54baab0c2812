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
    private const int MaxKeyLength = 200;
    private const int MaxReasonLength = 500;

    private static readonly TimeSpan TimeLimit = TimeSpan.FromSeconds(10);
    private static readonly string SubmitType = BrokerNames.ContractType(nameof(SubmitJob));

    /// <summary>Records a rejection when the message is a submit command with a readable key. Never throws.</summary>
    /// <param name="context">The message.</param>
    /// <param name="cause">Why it is dead.</param>
    public async Task RejectAsync(ReceiveContext context, Exception cause)
    {
        if (context.TransportHeaders.Get<string>(BrokerNames.MessageTypeHeader) != SubmitType || Name(context.GetBody()) is not { } command)
        {
            return;
        }

        // A reader's message quotes at most a property's name; of any other error nothing is passed on.
        JobError error = cause is JsonException
            ? new JobError(ErrorCodes.InvalidCommand, "command must be JSON of the contract; " + (cause.Message.Length <= MaxReasonLength ? cause.Message : cause.Message[..MaxReasonLength]))
            : new JobError(ErrorCodes.Internal, "command could not be recorded; it is kept in " + BrokerNames.Dead);
        using var limit = new CancellationTokenSource(TimeLimit, time);
        try
        {
            await ledger.RejectAsync(command, error, limit.Token).ConfigureAwait(false);
            logger.CommandRejected(error.Code, error.Message);
            wakeUp.EventsCommitted();
        }
        catch (Exception exception)
        {
            // Broad on purpose: the message is in the dead letters already, and must not be dead-lettered again.
            logger.DeadSubmitNotRejected(exception.GetType().Name);
        }
    }

    private static SubmitJob? Name(byte[] body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            JsonElement root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object
                || !root.TryGetProperty("idempotencyKey", out JsonElement key)
                || key.ValueKind != JsonValueKind.String
                || key.GetString() is not { Length: > 0 and <= MaxKeyLength } text)
            {
                return null;
            }

            long tenantId = root.TryGetProperty("tenantId", out JsonElement tenant) && tenant.ValueKind == JsonValueKind.Number && tenant.TryGetInt64(out long id) ? id : 0;
            return RequestHash.Unread(tenantId, new([.. text.Where(letter => !char.IsControl(letter) && !char.IsSurrogate(letter))]));
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // Not JSON, or a key that is no text: nobody can be told.
            return null;
        }
    }
}
