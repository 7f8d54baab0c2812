using MassTransit;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Qwen3VL.Batch.Pipeline;
using Qwen3VL.Batch.Storage;

namespace Qwen3VL.Batch.Messaging;

/// <summary>
/// Sends committed events: take rows, publish each with the row's id as message id, delete those that the broker confirmed. A sending that
/// fails or does not return is repeated later with the same id; subscribers drop repeats by it. Order is not promised.
/// </summary>
/// <remarks>
/// Not mandatory: an event that nobody listens to is not an error, and the exchange is declared before the first sending.
/// </remarks>
internal sealed class OutboxRelay(IOutbox outbox, IBus bus, WakeUp wakeUp, BatchMetrics metrics, TimeProvider time, ILogger<OutboxRelay> logger)
    : BackgroundService
{
    private const int BatchSize = 100;

    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan SendLimit = TimeSpan.FromSeconds(30);

    // Longer than a sending may take, so that two relays never send the same row at the same time while both are well.
    private static readonly TimeSpan HoldTime = TimeSpan.FromSeconds(60);

    // A sending that has not returned by then never will: the client library is known to lose one now and then.
    private static readonly TimeSpan GiveUpOnSending = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan RetryBase = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan RetryCap = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan FlushLimit = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan StopGrace = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan RecordLimit = TimeSpan.FromSeconds(5);

    private readonly FullJitterBackoff _backoff = new(RetryBase, RetryCap, Environment.ProcessId);

    /// <summary>Sends what is still there, for a moment, when the worker stops.</summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            using var limit = new CancellationTokenSource(FlushLimit, time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
            _ = await RelayBatchAsync(FlushLimit, either.Token).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            // Broad on purpose: the rows are safe, and another worker sends them.
            logger.RelayFailed(exception.GetType().Name);
        }
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            bool more = false;
            try
            {
                more = await RelayBatchAsync(SendLimit, stoppingToken).ConfigureAwait(false);
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                // Broad on purpose: the relay must outlive every failure of the database and the broker.
                logger.RelayFailed(exception.GetType().Name);
            }

            if (!more)
            {
                _ = await wakeUp.Outbox.WaitAsync(PollInterval, time, stoppingToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Takes and sends one batch. True when there may be more at once.</summary>
    private async Task<bool> RelayBatchAsync(TimeSpan sendLimit, CancellationToken cancellationToken)
    {
        IReadOnlyList<OutboxMessage> messages = await outbox.TakeAsync(BatchSize, HoldTime, cancellationToken).ConfigureAwait(false);
        if (messages.Count == 0)
        {
            return false;
        }

        List<(OutboxMessage Message, Task Sending)> sendings = [.. messages.Select(message => (message, SendAsync(message)))];
        await SettleWithinAsync(sendings, sendLimit, cancellationToken).ConfigureAwait(false);
        await RecordAsync(sendings).ConfigureAwait(false);

        // Sendings that still hang hold up the next batch: otherwise they would pile up for as long as the broker is away.
        List<(OutboxMessage Message, Task Sending)> hanging = [.. sendings.Where(pair => !pair.Sending.IsCompleted)];
        if (hanging.Count > 0)
        {
            await WaitForHangingAsync(hanging, cancellationToken).ConfigureAwait(false);
        }

        return messages.Count == BatchSize || hanging.Count > 0;
    }

    private async Task SendAsync(OutboxMessage message)
    {
        await Task.Yield();
        // No token anywhere here: a publish that is cancelled half-way can leave the channel's confirm counting wrong.
        ISendEndpoint endpoint = await bus.GetSendEndpoint(BrokerNames.Address(BrokerNames.Events, "topic")).ConfigureAwait(false);
        await endpoint.Send(
            message,
            context =>
            {
                context.Serializer = new VerbatimSerializer(new StringMessageBody(message.Body), BrokerNames.ContentType);
                context.MessageId = message.Id;
                context.SetRoutingKey(BrokerNames.RoutingKey(message.MessageType));
                context.Headers.Set(BrokerNames.MessageTypeHeader, BrokerNames.ContractType(message.MessageType));
            },
            CancellationToken.None).ConfigureAwait(false);
    }

    private async Task SettleWithinAsync(List<(OutboxMessage Message, Task Sending)> sendings, TimeSpan limit, CancellationToken cancellationToken)
    {
        Task all = Task.WhenAll(sendings.Select(pair => pair.Sending));
        try
        {
            await all.WaitAsync(limit, time, cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // What is under way now is mostly confirmed in a moment: a stop that does not wait for it sends all of it twice.
            _ = await Task.WhenAny(all, Task.Delay(StopGrace, time, CancellationToken.None)).ConfigureAwait(false);
        }
        catch (Exception)
        {
            // Each sending tells for itself how it ended.
        }
    }

    // Under a limit of its own: rows that the broker confirmed are deleted also when the worker stops, or they are sent again.
    private async Task RecordAsync(List<(OutboxMessage Message, Task Sending)> sendings)
    {
        using var limit = new CancellationTokenSource(RecordLimit, time);
        Guid[] confirmed = [.. sendings.Where(pair => pair.Sending.IsCompletedSuccessfully).Select(pair => pair.Message.Id)];
        if (confirmed.Length > 0)
        {
            await outbox.DeleteAsync(confirmed, limit.Token).ConfigureAwait(false);
            metrics.OutboxSent(confirmed.Length);
        }

        foreach ((OutboxMessage message, Task sending) in sendings.Where(pair => !pair.Sending.IsCompletedSuccessfully))
        {
            string error = sending.Exception?.GetBaseException().GetType().Name ?? "no confirmation in time";
            TimeSpan delay = _backoff.Next(message.Tries);
            await outbox.PostponeAsync(message.Id, delay, error, limit.Token).ConfigureAwait(false);
            metrics.OutboxPostponed();
            logger.EventPostponed(message.Id, message.MessageType, error, delay.TotalMilliseconds);
        }
    }

    private async Task WaitForHangingAsync(List<(OutboxMessage Message, Task Sending)> hanging, CancellationToken cancellationToken)
    {
        try
        {
            await Task.WhenAll(hanging.Select(pair => pair.Sending)).WaitAsync(GiveUpOnSending, time, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception) when (!cancellationToken.IsCancellationRequested)
        {
            // Failed ones are due again by their postponement.
        }

        using var limit = new CancellationTokenSource(RecordLimit, time);
        Guid[] confirmed = [.. hanging.Where(pair => pair.Sending.IsCompletedSuccessfully).Select(pair => pair.Message.Id)];
        if (confirmed.Length > 0)
        {
            await outbox.DeleteAsync(confirmed, limit.Token).ConfigureAwait(false);
            metrics.OutboxSent(confirmed.Length);
        }
    }
}
