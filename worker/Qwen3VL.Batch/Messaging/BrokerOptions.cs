using System.Globalization;
using System.Text;

namespace Qwen3VL.Batch.Messaging;

/// <summary>Section <c>Broker</c>.</summary>
internal sealed record BrokerOptions
{
    /// <summary>Host name.</summary>
    public string Host { get; init; } = "127.0.0.1";

    /// <summary>AMQP port.</summary>
    public int Port { get; init; } = 5672;

    /// <summary>Virtual host.</summary>
    public string VirtualHost { get; init; } = "/";

    /// <summary>User; no default.</summary>
    public string User { get; init; } = "";

    /// <summary>Password; no default, never logged.</summary>
    public string Password { get; init; } = "";

    // A record prints all its members; the password must not reach a log by way of an interpolated string.
    private bool PrintMembers(StringBuilder builder)
    {
        builder.Append(CultureInfo.InvariantCulture, $"Host = {Host}, Port = {Port}, VirtualHost = {VirtualHost}, User = {User}");
        return true;
    }
}
