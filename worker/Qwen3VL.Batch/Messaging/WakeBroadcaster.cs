using MassTransit;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Qwen3VL.Batch.Messaging;

/// <summary>Tells the other workers that there is work. One hint at a time: while the broker is away hints are merged, not piled up.</summary>
internal sealed class WakeBroadcaster(IBus bus, WakeUp wakeUp, TimeProvider time, ILogger<WakeBroadcaster> logger) : BackgroundService
{
    private static readonly TimeSpan MinInterval = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan SendLimit = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan IdleLimit = TimeSpan.FromMinutes(1);

    private readonly WorkAvailable _hint = new(Environment.MachineName);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            if (!await wakeUp.Broadcast.WaitAsync(IdleLimit, time, stoppingToken).ConfigureAwait(false))
            {
                continue;
            }

            try
            {
                await SendAsync().WaitAsync(SendLimit, time, stoppingToken).ConfigureAwait(false);
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                // Broad on purpose: a hint that is not sent is a poll interval lost.
                logger.WakeNotSent(exception.GetType().Name);
            }

            await Task.Delay(MinInterval, time, stoppingToken).ConfigureAwait(false);
        }
    }

    private async Task SendAsync()
    {
        // No token: a publish that is cancelled half-way can leave the channel's confirm counting wrong.
        ISendEndpoint endpoint = await bus.GetSendEndpoint(BrokerNames.Address(BrokerNames.Wake)).ConfigureAwait(false);
        await endpoint.Send(_hint, context => context.Durable = false, CancellationToken.None).ConfigureAwait(false);
    }
}
