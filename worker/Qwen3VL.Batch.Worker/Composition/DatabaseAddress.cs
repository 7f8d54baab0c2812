using System.Data.Common;
using System.Net;
using Npgsql;
using Qwen3VL.Batch.Storage;

namespace Qwen3VL.Batch.Worker.Composition;

/// <summary>Makes of section <c>Database</c> what is connected with: the password from its file, encryption where the network is not this machine's.</summary>
internal static class DatabaseAddress
{
    /// <summary>The options with a connection string that needs nothing else.</summary>
    /// <exception cref="SettingsException">The password is given twice or cannot be read, or it would cross a network in the open.</exception>
    public static DatabaseOptions Resolve(DatabaseOptions options)
    {
        NpgsqlConnectionStringBuilder address = new(options.ConnectionString);
        if (options.PasswordFile.Length > 0)
        {
            if (!string.IsNullOrEmpty(address.Password))
            {
                throw new SettingsException(["Database:PasswordFile must be the only password; Database:ConnectionString has one too"]);
            }

            address.Password = SecretFile.Read("Database:PasswordFile", options.PasswordFile);
        }

        if (!IsLocal(address.Host) && !options.AllowPlaintext)
        {
            if (!IsModeGiven(options.ConnectionString))
            {
                address.SslMode = SslMode.VerifyFull;
            }
            else if (address.SslMode is SslMode.Disable or SslMode.Allow or SslMode.Prefer)
            {
                throw new SettingsException([
                    $"Database:ConnectionString must have SSL Mode VerifyFull, VerifyCA or Require for a host beyond loopback, or Database:AllowPlaintext must be true; got {address.SslMode} for {address.Host}",
                ]);
            }
        }

        return options with { ConnectionString = address.ConnectionString, PasswordFile = "" };
    }

    /// <summary>Whether the text has a password in it; text that is no connection string has none.</summary>
    public static bool HasPassword(string connectionString)
    {
        try
        {
            return !string.IsNullOrEmpty(new NpgsqlConnectionStringBuilder(connectionString).Password);
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    /// <summary>Whether what is sent to these hosts stays on this machine: loopback or sockets in the file system.</summary>
    public static bool IsLocal(string? hosts) => (hosts ?? "localhost").Split(',', StringSplitOptions.TrimEntries).All(IsLocalHost);

    private static bool IsLocalHost(string host)
    {
        if (host.StartsWith('/') || host.StartsWith('@') || host.Equals("localhost", StringComparison.OrdinalIgnoreCase))
        {
            return true;
        }

        // A port after the host, as in host:5432; an IPv6 address has several colons.
        string bare = host.Count(character => character == ':') == 1 ? host[..host.IndexOf(':', StringComparison.Ordinal)] : host.Trim('[', ']');
        return bare.Equals("localhost", StringComparison.OrdinalIgnoreCase) || (IPAddress.TryParse(bare, out IPAddress? address) && IPAddress.IsLoopback(address));
    }

    private static bool IsModeGiven(string connectionString) =>
        new DbConnectionStringBuilder { ConnectionString = connectionString }.Keys.Cast<string>()
            .Any(key => key.Replace(" ", "", StringComparison.Ordinal).Equals("sslmode", StringComparison.OrdinalIgnoreCase));
}
