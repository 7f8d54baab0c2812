using System.Globalization;
using System.Text;

namespace Qwen3VL.Batch.Messaging;

/// <summary>Section <c>Broker</c>.</summary>
internal sealed record BrokerOptions
{
    /// <summary>Host name.</summary>
    public string Host { get; init; } = "127.0.0.1";

    /// <summary>AMQP port; 5671 is usual with TLS.</summary>
    public int Port { get; init; } = 5672;

    /// <summary>Virtual host.</summary>
    public string VirtualHost { get; init; } = "/";

    /// <summary>User; no default.</summary>
    public string User { get; init; } = "";

    /// <summary>Password; no default, never logged.</summary>
    public string Password { get; init; } = "";

    /// <summary>File whose first line is the password; read once, instead of <see cref="Password"/>.</summary>
    public string PasswordFile { get; init; } = "";

    /// <summary>Whether the connection is encrypted.</summary>
    public BrokerTls Tls { get; init; } = BrokerTls.Off;

    /// <summary>Lets an unencrypted connection leave this machine: for networks that are closed by other means.</summary>
    public bool AllowPlaintext { get; init; }

    /// <summary>PEM file of the authorities that may have signed the broker's certificate; empty: those that the system trusts.</summary>
    public string CaFile { get; init; } = "";

    /// <summary>PEM file of this client's certificate, for brokers that ask for one.</summary>
    public string CertificateFile { get; init; } = "";

    /// <summary>PEM file of its private key, not encrypted.</summary>
    public string KeyFile { get; init; } = "";

    /// <summary>What becomes of events that no queue is bound for.</summary>
    public UnroutedEvents UnroutedEvents { get; init; } = UnroutedEvents.Drop;

    // A record prints all its members; the password must not reach a log by way of an interpolated string.
    private bool PrintMembers(StringBuilder builder)
    {
        builder.Append(CultureInfo.InvariantCulture, $"Host = {Host}, Port = {Port}, VirtualHost = {VirtualHost}, User = {User}, Tls = {Tls}");
        return true;
    }
}
