using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Qwen3VL.Batch.Pipeline;
using RabbitMQ.Client;

namespace Qwen3VL.Batch.Messaging;

/// <summary>Declares the topology as soon as the broker can be reached; the worker starts and infers without it.</summary>
internal sealed class TopologyService(BrokerOptions options, TimeProvider time, ILogger<TopologyService> logger) : BackgroundService
{
    private static readonly TimeSpan RetryBase = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan RetryCap = TimeSpan.FromSeconds(15);

    private readonly FullJitterBackoff _backoff = new(RetryBase, RetryCap, Environment.ProcessId);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        for (int failures = 0; ; failures++)
        {
            try
            {
                IConnection connection = await BrokerConnection.OpenAsync(options, "qwen3vl-batch topology", stoppingToken).ConfigureAwait(false);
                await using (connection.ConfigureAwait(false))
                {
                    await Topology.DeclareAsync(connection, stoppingToken).ConfigureAwait(false);
                    return;
                }
            }
            catch (BrokerException exception)
            {
                logger.BrokerNotReady(exception.Message);
                await Task.Delay(_backoff.Next(failures), time, stoppingToken).ConfigureAwait(false);
            }
        }
    }
}
