using System.Text;

namespace Qwen3VL.Batch.Storage;

/// <summary>Section <c>Database</c>.</summary>
internal sealed record DatabaseOptions
{
    /// <summary>Npgsql connection string; no default.</summary>
    public string ConnectionString { get; init; } = "";

    // A record prints all its members; the connection string holds a password.
    private bool PrintMembers(StringBuilder builder)
    {
        builder.Append("ConnectionString = ").Append(ConnectionString.Length == 0 ? "not set" : "set");
        return true;
    }
}
