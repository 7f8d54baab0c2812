using System.Globalization;
using Qwen3VL.Batch.Messaging;

namespace Qwen3VL.Batch.Worker.Commands;

/// <summary>Reads an address like <c>amqp://user@host:5672/vhost</c> (RabbitMQ URI specification) into configuration keys.</summary>
internal static class BrokerAddress
{
    private const string TlsPort = "5671";

    /// <summary>The keys that the address states; what it leaves out stays as configured.</summary>
    /// <exception cref="CommandException">It is not such an address, or has a password. The message does not repeat it.</exception>
    public static IReadOnlyDictionary<string, string> Parse(string address)
    {
        if (!Uri.TryCreate(address, UriKind.Absolute, out Uri? uri) || uri.Scheme is not ("amqp" or "amqps") || uri.Host.Length == 0 || uri.Query.Length > 0 || uri.Fragment.Length > 0)
        {
            throw new CommandException(
                ExitCodes.Usage,
                "--broker must be an address of the form amqp://user@host:port/vhost, or amqps:// for TLS; the one given is not");
        }

        Dictionary<string, string> keys = new() { ["Broker:Host"] = uri.IdnHost };
        if (uri.Scheme == "amqps")
        {
            keys["Broker:Tls"] = nameof(BrokerTls.On);
            keys["Broker:Port"] = TlsPort;
        }

        if (uri.Port > 0)
        {
            keys["Broker:Port"] = uri.Port.ToString(CultureInfo.InvariantCulture);
        }

        if (uri.UserInfo.Length > 0)
        {
            string[] parts = uri.UserInfo.Split(':', 2);
            keys["Broker:User"] = Uri.UnescapeDataString(parts[0]);
            if (parts is [_, { Length: > 0 }])
            {
                // Refused, not warned of: by the time anybody reads a warning the password stands in process lists and shell histories.
                throw new CommandException(
                    ExitCodes.Usage,
                    "--broker must hold no password, for other users of the machine see command lines; got one: set QWEN3VL_Broker__PasswordFile or QWEN3VL_Broker__Password instead");
            }
        }

        // "/" alone means: no virtual host stated. A virtual host named "/" is written %2F.
        if (uri.AbsolutePath.Length > 1)
        {
            keys["Broker:VirtualHost"] = Uri.UnescapeDataString(uri.AbsolutePath[1..]);
        }

        return keys;
    }
}
