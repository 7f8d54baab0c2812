using System.Data.Common;
using System.Security.Cryptography.X509Certificates;
using Npgsql;

namespace Qwen3VL.Batch.Storage;

/// <summary>Makes the process's one pool of connections.</summary>
internal static class LedgerDataSource
{
    // Session settings: times are UTC whoever runs the server; a lost lock or a forgotten transaction ends by itself, because one open
    // snapshot slows every claim (dead rows of the hot table cannot be cleaned up).
    private const string SessionSettings =
        "-c timezone=UTC -c lock_timeout=5s -c statement_timeout=60s -c idle_in_transaction_session_timeout=30s";

    /// <summary>Makes the pool; no connection is opened yet. What the connection string sets itself wins over the defaults here.</summary>
    /// <exception cref="ArgumentException">The connection string is empty or not one of Npgsql.</exception>
    public static NpgsqlDataSource Create(DatabaseOptions options) => Build(Settings(options));

    /// <summary>The same without a pool, for a session that is kept for one purpose: closed here, it ends at the server.</summary>
    /// <exception cref="ArgumentException">The connection string is empty or not one of Npgsql.</exception>
    public static NpgsqlDataSource CreateUnpooled(DatabaseOptions options)
    {
        NpgsqlConnectionStringBuilder settings = Settings(options);
        settings.Pooling = false;
        return Build(settings);
    }

    private static NpgsqlDataSource Build(NpgsqlConnectionStringBuilder settings)
    {
        var builder = new NpgsqlDataSourceBuilder(settings.ConnectionString);

        // Whoever answers for the server must not choose, by the URL of an issuer in its certificate, where this process connects to.
        builder.UseSslClientAuthenticationOptionsCallback(tls => tls.CertificateChainPolicy = new X509ChainPolicy
        {
            RevocationMode = tls.CertificateRevocationCheckMode,
            DisableCertificateDownloads = true,
        });
        return builder.Build();
    }

    private static NpgsqlConnectionStringBuilder Settings(DatabaseOptions options)
    {
        if (string.IsNullOrWhiteSpace(options.ConnectionString))
        {
            throw new ArgumentException("Database:ConnectionString must be an Npgsql connection string; got none", nameof(options));
        }

        var settings = new NpgsqlConnectionStringBuilder
        {
            MaxPoolSize = 40,
            Timeout = 5,
            CommandTimeout = 15,
            CancellationTimeout = 2_000,
            KeepAlive = 15,
            ApplicationName = "qwen3vl-batch",
            GssEncryptionMode = GssEncryptionMode.Disable,
            Options = SessionSettings,
        };
        var given = new DbConnectionStringBuilder { ConnectionString = options.ConnectionString };
        foreach (string key in given.Keys)
        {
            settings[key] = given[key];
        }

        return settings;
    }
}
