using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Qwen3VL.Batch.Pipeline;
using Qwen3VL.Batch.Storage;

namespace Qwen3VL.Batch.Messaging;

/// <summary>
/// Sends committed messages: take rows, publish each with the row's id as message id to the row's exchange, settle each by what the broker said.
/// <code>
/// confirmed                       the row goes
/// returned: no queue is bound     an event: dropped and counted, or kept (Broker:UnroutedEvents); a command: kept
/// refused, or returned and kept   again later, under the same id; at the twentieth time a dead letter
/// no answer, no connection        unknown: again later, under the same id, for as long as it takes
/// </code>
/// Subscribers drop repeats by the id. Order is not promised.
/// </summary>
internal sealed class OutboxRelay(
    IOutbox outbox, OutboxSender sender, BrokerOptions broker, WakeUp wakeUp, BatchMetrics metrics, TimeProvider time, ILogger<OutboxRelay> logger)
    : BackgroundService
{
    private const int BatchSize = 100;

    // Seven minutes on average with the pauses between, a quarter of an hour at most: a full queue of a subscriber has its chance to drain.
    private const int MaxTries = 20;

    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan SendLimit = TimeSpan.FromSeconds(30);

    // A lease: made longer while a sending waits for the broker, so that two relays do not send the same row at the same time while the
    // broker answers within the limit, and short, so that a relay's death delays its events no longer than this.
    private static readonly TimeSpan HoldTime = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan HoldInterval = TimeSpan.FromSeconds(3);

    // A sending that has not returned by then never will: the client library is known to lose one now and then.
    private static readonly TimeSpan GiveUpOnSending = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan RetryBase = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan RefusedCap = TimeSpan.FromSeconds(60);

    // Short, so that events go out soon after a broker has come back; what a broker that is away costs the database is bounded by the relay's own
    // pause between two batches, not by the rows'.
    private static readonly TimeSpan UnknownCap = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan FlushLimit = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan StopGrace = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan RecordLimit = TimeSpan.FromSeconds(5);

    private readonly FullJitterBackoff _refusedBackoff = new(RetryBase, RefusedCap, Environment.ProcessId);
    private readonly FullJitterBackoff _unknownBackoff = new(RetryBase, UnknownCap, Environment.ProcessId);

    // Sendings in a row of which nothing is known: the broker is away, and what is not the row's fault is not counted on the row.
    private int _unknown;

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

            if (_unknown > 0)
            {
                await Task.Delay(_unknownBackoff.Next(_unknown), time, stoppingToken).ConfigureAwait(false);
            }
            else if (!more)
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

        List<(OutboxMessage Message, Task<SendOutcome> Sending)> sendings = [.. messages.Select(message => (message, sender.SendAsync(message)))];
        await SettleWithinAsync(sendings, sendLimit, cancellationToken).ConfigureAwait(false);
        List<(OutboxMessage Message, Task<SendOutcome> Sending)> hanging = await RecordAsync(sendings).ConfigureAwait(false);

        // Sendings that still hang hold up the next batch: otherwise they would pile up for as long as the broker is away.
        if (hanging.Count > 0)
        {
            await WaitForHangingAsync(hanging, cancellationToken).ConfigureAwait(false);
        }

        return messages.Count == BatchSize || hanging.Count > 0;
    }

    private async Task SettleWithinAsync(List<(OutboxMessage Message, Task<SendOutcome> Sending)> sendings, TimeSpan limit, CancellationToken cancellationToken)
    {
        Task all = EndAsync(sendings);
        long begun = time.GetTimestamp();
        try
        {
            while (limit - time.GetElapsedTime(begun) is var left && left > TimeSpan.Zero)
            {
                if (await Task.WhenAny(all, Task.Delay(left < HoldInterval ? left : HoldInterval, time, cancellationToken)).ConfigureAwait(false) == all)
                {
                    return;
                }

                cancellationToken.ThrowIfCancellationRequested();
                await HoldAsync(sendings).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // What is under way now is mostly confirmed in a moment: a stop that does not wait for it sends all of it twice.
            _ = await Task.WhenAny(all, Task.Delay(StopGrace, time, CancellationToken.None)).ConfigureAwait(false);
        }
    }

    // Each sending tells for itself how it ended.
    private static async Task EndAsync(List<(OutboxMessage Message, Task<SendOutcome> Sending)> sendings) =>
        await Task.WhenAll(sendings.Select(Task (pair) => pair.Sending)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    // The whole batch, confirmed rows too: they go when all of it has settled. Without a database the holds run out, and rows may be sent twice
    // under one id, which subscribers expect.
    private async Task HoldAsync(List<(OutboxMessage Message, Task<SendOutcome> Sending)> sendings)
    {
        using var limit = new CancellationTokenSource(RecordLimit, time);
        try
        {
            await outbox.HoldAsync([.. sendings.Select(pair => pair.Message.Id)], HoldTime, limit.Token).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            logger.RelayFailed(exception.GetType().Name);
        }
    }

    // Under a limit of its own: rows that the broker confirmed are deleted also when the worker stops, or they are sent again.
    private async Task<List<(OutboxMessage Message, Task<SendOutcome> Sending)>> RecordAsync(List<(OutboxMessage Message, Task<SendOutcome> Sending)> sendings)
    {
        // Looked at once: a sending that ends while this records is one of those that hang.
        List<(OutboxMessage Message, Task<SendOutcome> Sending)> ended = [.. sendings.Where(pair => pair.Sending.IsCompletedSuccessfully)];
        List<(OutboxMessage Message, Task<SendOutcome> Sending)> unknown = [.. sendings.Except(ended)];
        using var limit = new CancellationTokenSource(RecordLimit, time);
        foreach ((OutboxMessage message, SendOutcome outcome) in await SettleEndedAsync(ended, limit.Token).ConfigureAwait(false))
        {
            await RefuseAsync(message, outcome, limit.Token).ConfigureAwait(false);
        }

        foreach ((OutboxMessage message, Task<SendOutcome> sending) in unknown)
        {
            string error = sending.Exception?.GetBaseException().GetType().Name ?? "no confirmation in time";
            await PostponeAsync(message, _unknownBackoff.Next(_unknown), error, refused: false, limit.Token).ConfigureAwait(false);
        }

        if (unknown.Count > 0)
        {
            _unknown++;
            wakeUp.TopologyInDoubt();
        }
        else
        {
            _unknown = 0;
        }

        return [.. unknown.Where(pair => !pair.Sending.IsFaulted)];
    }

    /// <summary>Deletes what needs no further sending; returns what the broker did not take.</summary>
    private async Task<IReadOnlyList<(OutboxMessage Message, SendOutcome Outcome)>> SettleEndedAsync(
        List<(OutboxMessage Message, Task<SendOutcome> Sending)> sendings, CancellationToken cancellationToken)
    {
        List<Guid> settled = [];
        List<(OutboxMessage Message, SendOutcome Outcome)> refused = [];
        int unrouted = 0;
        foreach ((OutboxMessage message, Task<SendOutcome> sending) in sendings.Where(pair => pair.Sending.IsCompletedSuccessfully))
        {
            SendOutcome outcome = await sending.ConfigureAwait(false);
            if (!IsSettled(message, outcome))
            {
                refused.Add((message, outcome));
                continue;
            }

            settled.Add(message.Id);
            unrouted += outcome == SendOutcome.Unrouted ? 1 : 0;
        }

        if (settled.Count > 0)
        {
            await outbox.DeleteAsync(settled, cancellationToken).ConfigureAwait(false);
            metrics.OutboxSent(settled.Count - unrouted);
            metrics.OutboxUnrouted(unrouted);
        }

        return refused;
    }

    private bool IsSettled(OutboxMessage message, SendOutcome outcome) =>
        outcome == SendOutcome.Confirmed
        || (outcome == SendOutcome.Unrouted && message.Destination == BrokerNames.Events && broker.UnroutedEvents == UnroutedEvents.Drop);

    private async Task RefuseAsync(OutboxMessage message, SendOutcome outcome, CancellationToken cancellationToken)
    {
        string error = outcome == SendOutcome.Unrouted ? "returned: no queue is bound for it" : "refused: a queue did not take it";
        if (outcome == SendOutcome.Unrouted)
        {
            wakeUp.TopologyInDoubt();
        }

        if (message.Tries + 1 < MaxTries)
        {
            await PostponeAsync(message, _refusedBackoff.Next(message.Tries), error, refused: true, cancellationToken).ConfigureAwait(false);
            return;
        }

        await outbox.GiveUpAsync(message.Id, error, cancellationToken).ConfigureAwait(false);
        metrics.DeadLetterRecorded("outbox");
        logger.MessageGivenUp(message.Id, message.MessageType, MaxTries);
    }

    private async Task PostponeAsync(OutboxMessage message, TimeSpan delay, string error, bool refused, CancellationToken cancellationToken)
    {
        await outbox.PostponeAsync(message.Id, delay, error, refused, cancellationToken).ConfigureAwait(false);
        metrics.OutboxPostponed();
        logger.EventPostponed(message.Id, message.MessageType, error, delay.TotalMilliseconds);
    }

    private async Task WaitForHangingAsync(List<(OutboxMessage Message, Task<SendOutcome> Sending)> hanging, CancellationToken cancellationToken)
    {
        try
        {
            await Task.WhenAll(hanging.Select(pair => pair.Sending)).WaitAsync(GiveUpOnSending, time, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception) when (!cancellationToken.IsCancellationRequested)
        {
            // Failed ones are due again by their postponement.
        }

        if (hanging.Exists(pair => !pair.Sending.IsCompleted))
        {
            await sender.ResetAsync().ConfigureAwait(false);
        }

        // Refusals among them are found again at the next sending.
        using var limit = new CancellationTokenSource(RecordLimit, time);
        _ = await SettleEndedAsync(hanging, limit.Token).ConfigureAwait(false);
    }
}
