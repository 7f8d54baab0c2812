using System.Globalization;
using System.Text;
using Qwen3VL.Batch.Messaging;
using Qwen3VL.Batch.Worker.Composition;
using RabbitMQ.Client;

namespace Qwen3VL.Batch.Worker.Diagnosis;

/// <summary>Whether RabbitMQ answers and lets this user in. Declares nothing.</summary>
internal sealed class BrokerCheck : ICheck
{
    /// <inheritdoc/>
    public async Task<IReadOnlyList<CheckResult>> RunAsync(Settings settings, CancellationToken cancellationToken)
    {
        BrokerOptions broker = settings.Broker;
        try
        {
            await using IConnection connection = await BrokerConnection.OpenAsync(broker, "qwen3vl-batch doctor", cancellationToken).ConfigureAwait(false);
            object? value = null;
            bool stated = connection.ServerProperties?.TryGetValue("version", out value) == true;
            string version = stated && value is byte[] bytes ? Encoding.UTF8.GetString(bytes) : "of unknown version";
            return [new CheckResult("broker", CheckLevel.Ok, string.Create(
                CultureInfo.InvariantCulture,
                $"RabbitMQ {version} at {broker.Host}:{broker.Port}, virtual host {broker.VirtualHost}"))];
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
}
