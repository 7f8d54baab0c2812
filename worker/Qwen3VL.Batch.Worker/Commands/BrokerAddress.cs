using System.Globalization;
using Qwen3VL.Batch.Messaging;

namespace Qwen3VL.Batch.Worker.Commands;

/// <summary>Reads an address like <c>amqp://user:password@host:5672/vhost</c> (RabbitMQ URI specification) into configuration keys.</summary>
internal static class BrokerAddress
{
    private const string TlsPort = "5671";

    /// <summary>The keys that the address states; what it leaves out stays as configured.</summary>
    /// <exception cref="CommandException">It is not such an address. The message does not repeat it: it may hold a password.</exception>
    public static IReadOnlyDictionary<string, string> Parse(string address)
    {
        if (!Uri.TryCreate(address, UriKind.Absolute, out Uri? uri) || uri.Scheme is not ("amqp" or "amqps") || uri.Host.Length == 0 || uri.Query.Length > 0 || uri.Fragment.Length > 0)
        {
            throw new CommandException(
                ExitCodes.Usage,
                "--broker must be an address of the form amqp://user:password@host:port/vhost, or amqps:// for TLS; the one given is not");
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
            if (parts.Length == 2)
            {
                keys["Broker:Password"] = Uri.UnescapeDataString(parts[1]);
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
