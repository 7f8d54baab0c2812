using MassTransit;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Qwen3VL.Batch.Messaging;

/// <summary>Sends hints about leases to all workers, one at a time. One that is not sent costs a heartbeat interval.</summary>
internal sealed class ControlBroadcaster(IBus bus, ControlHints hints, TimeProvider time, ILogger<ControlBroadcaster> logger) : BackgroundService
{
    private static readonly TimeSpan SendLimit = TimeSpan.FromSeconds(30);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            CancelRequested hint = await hints.Reader.ReadAsync(stoppingToken).ConfigureAwait(false);
            try
            {
                await SendAsync(hint).WaitAsync(SendLimit, time, stoppingToken).ConfigureAwait(false);
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                // Broad on purpose: see above.
                logger.WakeNotSent(exception.GetType().Name);
            }
        }
    }

    private async Task SendAsync(CancelRequested hint)
    {
        // No token: a publish that is cancelled half-way can leave the channel's confirm counting wrong.
        ISendEndpoint endpoint = await bus.GetSendEndpoint(BrokerNames.Address(BrokerNames.Control)).ConfigureAwait(false);
        await endpoint.Send(hint, context => context.Durable = false, CancellationToken.None).ConfigureAwait(false);
    }
}
