using MassTransit;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Qwen3VL.Batch.Pipeline;
using RabbitMQ.Client;

namespace Qwen3VL.Batch.Messaging;

/// <summary>
/// Declares the topology as soon as the broker can be reached, and looks again every half minute over a connection of its own: declares what
/// was deleted since, sees whether commands have a consumer, and whether the broker takes messages. The worker starts and infers without any of it.
/// </summary>
/// <remarks>
/// A client library can lose its consumer for good while everything else looks well. Then this process ends in order, with exit code 1: what it
/// holds is given back, and whoever supervises it starts a fresh one, which is the only state of the library that is known to be good.
/// </remarks>
internal sealed class BrokerWatch(
    BrokerOptions options,
    BrokerWatchOptions watch,
    BrokerStatus status,
    IBusControl bus,
    WakeUp wakeUp,
    ProcessExit exit,
    BatchMetrics metrics,
    TimeProvider time,
    ILogger<BrokerWatch> logger) : BackgroundService
{
    private static readonly TimeSpan RetryBase = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan RetryCap = TimeSpan.FromSeconds(15);

    // Looks on demand are not closer together than this: a broker that returns everything is asked once a second.
    private static readonly TimeSpan MinPause = TimeSpan.FromSeconds(1);

    private readonly FullJitterBackoff _backoff = new(RetryBase, RetryCap, Environment.ProcessId);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        for (int failures = 0; ; failures++)
        {
            try
            {
                IConnection connection = await BrokerConnection.OpenAsync(options, "qwen3vl-batch watch", stoppingToken).ConfigureAwait(false);
                await using (connection.ConfigureAwait(false))
                {
                    await WatchAsync(connection, () => failures = 0, stoppingToken).ConfigureAwait(false);
                }
            }
            catch (BrokerException exception)
            {
                logger.BrokerNotReady(exception.Message);
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                // Broad on purpose: the worker infers without a broker, and this must outlive every failure of it.
                logger.BrokerWatchInterrupted(exception.GetType().Name);
            }

            status.NoteAway();
            metrics.BrokerBlocked = false;
            await Task.Delay(_backoff.Next(failures), time, stoppingToken).ConfigureAwait(false);
        }
    }

    private async Task WatchAsync(IConnection connection, Action looked, CancellationToken cancellationToken)
    {
        connection.ConnectionBlockedAsync += (_, arguments) => NoteBlocked(true, arguments.Reason);
        connection.ConnectionUnblockedAsync += (_, _) => NoteBlocked(false, "");
        while (true)
        {
            // Nothing is answered on a connection that the broker has stopped reading; it says itself when it reads again.
            if (!status.Blocked)
            {
                await LookAsync(connection, cancellationToken).ConfigureAwait(false);
                looked();
            }

            if (status.EndpointLost)
            {
                logger.CommandEndpointLost(status.Unheard.TotalSeconds);
                exit.Fail();
            }

            _ = await wakeUp.Topology.WaitAsync(watch.Interval, time, cancellationToken).ConfigureAwait(false);
            await Task.Delay(watch.Interval < MinPause ? watch.Interval : MinPause, time, cancellationToken).ConfigureAwait(false);
            if (!connection.IsOpen)
            {
                throw new BrokerException("broker must keep the connection for checks; it closed it");
            }
        }
    }

    private async Task LookAsync(IConnection connection, CancellationToken cancellationToken)
    {
        await Topology.DeclareAsync(connection, cancellationToken).ConfigureAwait(false);
        IChannel channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken).ConfigureAwait(false);
        await using (channel.ConfigureAwait(false))
        {
            uint consumers = await channel.ConsumerCountAsync(BrokerNames.Commands, cancellationToken).ConfigureAwait(false);
            status.NoteLook(consumers > 0 && IsEndpointHealthy());

            // Last, for after it nothing may be answered: a broker with an alarm says so to those that publish. To nobody, so it goes nowhere.
            await channel.BasicPublishAsync("", BrokerNames.Probe, ReadOnlyMemory<byte>.Empty, CancellationToken.None).ConfigureAwait(false);
        }
    }

    // The count is of all workers; what this one has to say for itself is its bus's.
    private bool IsEndpointHealthy() => bus.CheckHealth().Endpoints.Values
        .Where(endpoint => endpoint.InputAddress?.AbsolutePath.EndsWith("/" + BrokerNames.Commands, StringComparison.Ordinal) == true)
        .All(endpoint => endpoint.Status == BusHealthStatus.Healthy);

    private Task NoteBlocked(bool blocked, string reason)
    {
        status.NoteBlocked(blocked);
        metrics.BrokerBlocked = blocked;
        if (blocked)
        {
            logger.BrokerBlocked(reason);
        }
        else
        {
            logger.BrokerUnblocked();
        }

        return Task.CompletedTask;
    }
}
