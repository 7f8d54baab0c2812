using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using Qwen3VL.Batch.Pipeline;
using Qwen3VL.Batch.Storage;
using RabbitMQ.Client;

namespace Qwen3VL.Batch.Messaging;

/// <summary>
/// Copies every message of <c>vq.dead</c> to <c>vq.dead_letters</c> and acknowledges it then. While the database is away messages stay on the
/// broker. With the plain client, because nothing may come between a message and its record: no deserializer, no error queue.
/// </summary>
internal sealed class DeadLetterIngest(
    BrokerOptions options, BrokerWatchOptions watch, IDeadLetters deadLetters, CommandGate gate, BatchMetrics metrics, TimeProvider time, ILogger<DeadLetterIngest> logger)
    : BackgroundService
{
    private const ushort Prefetch = 16;

    private static readonly TimeSpan AbortLimit = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan RetryBase = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan RetryCap = TimeSpan.FromSeconds(30);

    private readonly FullJitterBackoff _backoff = new(RetryBase, RetryCap, Environment.ProcessId);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        for (int failures = 0; !stoppingToken.IsCancellationRequested; failures++)
        {
            try
            {
                // A message that is given back counts on newer brokers, and after twenty times it is gone: none is taken before the database answers.
                _ = await gate.RunAsync(token => deadLetters.ListAsync(new DeadLetterQuery { TenantId = 0, Limit = 1 }, token), stoppingToken).ConfigureAwait(false);
                await ConsumeAsync(() => failures = 0, stoppingToken).ConfigureAwait(false);
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                // Broad on purpose: this must outlive every failure of the database and the broker.
                logger.DeadLetterIngestWaits(exception.GetType().Name);
                await Task.Delay(_backoff.Next(failures), time, stoppingToken).ConfigureAwait(false);
            }
            catch (LedgerUnavailableException)
            {
                return;
            }
        }
    }

    private async Task ConsumeAsync(Action recorded, CancellationToken cancellationToken)
    {
        IConnection connection = await BrokerConnection.OpenAsync(options, "qwen3vl-batch dead letters", cancellationToken).ConfigureAwait(false);
        try
        {
            await Topology.DeclareAsync(connection, cancellationToken).ConfigureAwait(false);
            IChannel channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken).ConfigureAwait(false);
            await channel.BasicQosAsync(0, Prefetch, global: false, cancellationToken).ConfigureAwait(false);
            var reader = new QueueReader(channel);
            _ = await channel.BasicConsumeAsync(BrokerNames.Dead, autoAck: false, reader, cancellationToken).ConfigureAwait(false);
            while (true)
            {
                if (await reader.ReadAsync(watch.Interval, time, cancellationToken).ConfigureAwait(false) is var (tag, properties, body))
                {
                    await RecordAsync(DeadMessage.Read(properties, body), body, cancellationToken).ConfigureAwait(false);
                    await channel.BasicAckAsync(tag, multiple: false, CancellationToken.None).ConfigureAwait(false);
                    recorded();
                }
                else if (await channel.ConsumerCountAsync(BrokerNames.Dead, cancellationToken).ConfigureAwait(false) == 0)
                {
                    // A queue that was deleted and declared again at once is another one; the broker does not always say so.
                    throw new BrokerException($"queue {BrokerNames.Dead} must have this consumer; it has none");
                }
            }
        }
        finally
        {
            // Not in order: a channel whose queue is gone may not answer, and what is not acknowledged goes back either way.
            await connection.AbortAsync(AbortLimit).ConfigureAwait(false);
            await connection.DisposeAsync().ConfigureAwait(false);
        }
    }

    private async Task RecordAsync(NewDeadLetter letter, byte[] body, CancellationToken cancellationToken)
    {
        Guid id;
        try
        {
            id = await gate.RunAsync(token => deadLetters.RecordAsync(letter, token), cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is PostgresException or ArgumentException or System.Text.EncoderFallbackException)
        {
            // The gate lets through what the database refuses for its content. A message must not come back for that.
            letter = DeadMessage.Bare(letter, body);
            id = await gate.RunAsync(token => deadLetters.RecordAsync(letter, token), cancellationToken).ConfigureAwait(false);
        }

        metrics.DeadLetterRecorded("message");
        logger.DeadLetterRecorded(id, letter.ErrorCode);
    }
}
