using System.Net.Sockets;
using Npgsql;
using Qwen3VL.Batch.Worker.Composition;

namespace Qwen3VL.Batch.Worker.Diagnosis;

/// <summary>Whether PostgreSQL answers and is new enough.</summary>
internal sealed class DatabaseCheck : ICheck
{
    // The oldest version that the schema was tried on.
    private const int OldestMajor = 15;
    private const int TimeoutSeconds = 5;

    /// <inheritdoc/>
    public async Task<IReadOnlyList<CheckResult>> RunAsync(Settings settings, CancellationToken cancellationToken)
    {
        NpgsqlConnectionStringBuilder address = new(settings.Database.ConnectionString) { Timeout = TimeoutSeconds, CommandTimeout = TimeoutSeconds, Pooling = false };
        string place = $"{address.Host}:{address.Port}, database {address.Database ?? address.Username}";
        try
        {
            await using NpgsqlConnection connection = new(address.ConnectionString);
            await connection.OpenAsync(cancellationToken).ConfigureAwait(false);
            Version version = connection.PostgreSqlVersion;
            return version.Major >= OldestMajor
                ? [new CheckResult("database", CheckLevel.Ok, $"PostgreSQL {version} at {place}")]
                : [new CheckResult(
                    "database",
                    CheckLevel.Warn,
                    $"PostgreSQL {version} at {place}",
                    $"use PostgreSQL {OldestMajor} or later; older ones are not tried")];
        }
        catch (PostgresException exception)
        {
            return [new CheckResult(
                "database",
                CheckLevel.Fail,
                $"{place} refuses the connection (SQLSTATE {exception.SqlState})",
                "check user, password and database name in Database:ConnectionString")];
        }
        catch (Exception exception) when (exception is NpgsqlException or SocketException or TimeoutException)
        {
            return [new CheckResult(
                "database",
                CheckLevel.Fail,
                $"nothing answers at {place}",
                "start PostgreSQL (ops/servers start DIR gives a private one) or correct Database:ConnectionString")];
        }
    }
}
