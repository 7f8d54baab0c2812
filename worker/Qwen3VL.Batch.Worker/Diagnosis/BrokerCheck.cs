using System.Globalization;
using Qwen3VL.Batch.Messaging;
using Qwen3VL.Batch.Worker.Composition;
using RabbitMQ.Client;

namespace Qwen3VL.Batch.Worker.Diagnosis;

/// <summary>Whether RabbitMQ answers and lets this user in. Declares nothing.</summary>
internal sealed class BrokerCheck(TimeProvider timeProvider) : ICheck
{
    private static readonly TimeSpan BlockedWait = TimeSpan.FromMilliseconds(500);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<CheckResult>> RunAsync(Settings settings, CancellationToken cancellationToken)
    {
        BrokerOptions broker = settings.Broker;
        try
        {
            await using IConnection connection = await BrokerConnection.OpenAsync(broker, "qwen3vl-batch doctor", cancellationToken).ConfigureAwait(false);
            string version = BrokerVersion.Of(connection) ?? "of unknown version";
            if (await BlockedReasonAsync(connection, cancellationToken).ConfigureAwait(false) is { } reason)
            {
                return [new CheckResult("broker", CheckLevel.Fail, $"the broker takes no messages: {reason}", "free memory or disk on the broker's machine; see rabbitmqctl status")];
            }

            return [new CheckResult("broker", CheckLevel.Ok, string.Create(
                CultureInfo.InvariantCulture,
                $"RabbitMQ {version} at {broker.Host}:{broker.Port}, virtual host {broker.VirtualHost}{(broker.Tls == BrokerTls.On ? ", TLS" : "")}"))];
        }
        catch (BrokerException exception)
        {
            return [new CheckResult(
                "broker",
                CheckLevel.Fail,
                exception.Message,
                "start RabbitMQ (ops/servers start DIR gives a private one) or correct the section Broker")];
        }
    }

    // A broker with an alarm says so to those that publish, and to nobody else: a message that goes nowhere makes it speak.
    private async Task<string?> BlockedReasonAsync(IConnection connection, CancellationToken cancellationToken)
    {
        var blocked = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        connection.ConnectionBlockedAsync += (_, arguments) =>
        {
            _ = blocked.TrySetResult(arguments.Reason);
            return Task.CompletedTask;
        };
        IChannel channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken).ConfigureAwait(false);
        await channel.BasicPublishAsync("", BrokerNames.Probe, ReadOnlyMemory<byte>.Empty, CancellationToken.None).ConfigureAwait(false);
        try
        {
            return await blocked.Task.WaitAsync(BlockedWait, timeProvider, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            return null;
        }
    }
}
