using System.Text;

namespace Qwen3VL.Batch.Storage;

/// <summary>Section <c>Database</c>.</summary>
internal sealed record DatabaseOptions
{
    /// <summary>Npgsql connection string; no default.</summary>
    public string ConnectionString { get; init; } = "";

    /// <summary>File with the password, which then is not in the connection string; empty for none.</summary>
    public string PasswordFile { get; init; } = "";

    /// <summary>
    /// Whether a connection beyond loopback may go without encryption, for a network that nobody else is on. Without it such a connection
    /// verifies the server's certificate and name unless the connection string asks for less, and is refused when it asks for none.
    /// </summary>
    public bool AllowPlaintext { get; init; }

    // A record prints all its members; the connection string holds a password.
    private bool PrintMembers(StringBuilder builder)
    {
        builder.Append("ConnectionString = ").Append(ConnectionString.Length == 0 ? "not set" : "set");
        return true;
    }
}
