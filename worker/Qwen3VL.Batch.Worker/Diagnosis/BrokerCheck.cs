using System.Globalization;
using System.Text;
using Qwen3VL.Batch.Messaging;
using Qwen3VL.Batch.Worker.Composition;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace Qwen3VL.Batch.Worker.Diagnosis;

/// <summary>Whether RabbitMQ answers and lets this user in.</summary>
internal sealed class BrokerCheck : ICheck
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<CheckResult>> RunAsync(Settings settings, CancellationToken cancellationToken)
    {
        BrokerOptions broker = settings.Broker;
        string place = string.Create(CultureInfo.InvariantCulture, $"{broker.Host}:{broker.Port}, virtual host {broker.VirtualHost}");
        ConnectionFactory factory = new()
        {
            HostName = broker.Host,
            Port = broker.Port,
            VirtualHost = broker.VirtualHost,
            UserName = broker.User,
            Password = broker.Password,
            AutomaticRecoveryEnabled = false,
            RequestedConnectionTimeout = Patience,
        };
        try
        {
            await using IConnection connection = await factory.CreateConnectionAsync("qwen3vl-batch doctor", cancellationToken).ConfigureAwait(false);
            string version = connection.ServerProperties?.TryGetValue("version", out object? value) == true && value is byte[] bytes ? Encoding.UTF8.GetString(bytes) : "of unknown version";
            return [new CheckResult("broker", CheckLevel.Ok, $"RabbitMQ {version} at {place}")];
        }
        catch (BrokerUnreachableException exception) when (exception.InnerException is AuthenticationFailureException or PossibleAuthenticationFailureException)
        {
            return [new CheckResult("broker", CheckLevel.Fail, $"{place} refuses user '{broker.User}'", "check Broker:User and Broker:Password")];
        }
        catch (BrokerUnreachableException exception) when (exception.InnerException is OperationInterruptedException)
        {
            return [new CheckResult("broker", CheckLevel.Fail, $"{place} refuses the virtual host", "check Broker:VirtualHost and the user's permissions on it")];
        }
        catch (BrokerUnreachableException)
        {
            return [new CheckResult("broker", CheckLevel.Fail, $"nothing answers at {place}", "start RabbitMQ (ops/servers start DIR gives a private one) or correct the section Broker")];
        }
    }
}
