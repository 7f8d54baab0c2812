using System.Globalization;
using System.Net.Sockets;
using Npgsql;
using Qwen3VL.Batch.Migrations;
using Qwen3VL.Batch.Worker.Composition;

namespace Qwen3VL.Batch.Worker.Diagnosis;

/// <summary>Whether the database's schema is one that this program's workers can use. Says nothing when the database does not answer.</summary>
internal sealed class SchemaCheck : ICheck
{
    private const int TimeoutSeconds = 5;
    private readonly TimeProvider _timeProvider;

    /// <summary>Creates one.</summary>
    public SchemaCheck(TimeProvider timeProvider) => _timeProvider = timeProvider;

    /// <inheritdoc/>
    public async Task<IReadOnlyList<CheckResult>> RunAsync(Settings settings, CancellationToken cancellationToken)
    {
        NpgsqlConnectionStringBuilder address = new(settings.Database.ConnectionString) { Timeout = TimeoutSeconds };
        MigrationRunner runner = new(address.ConnectionString, _timeProvider);
        try
        {
            int version = await runner.VerifyAsync(cancellationToken).ConfigureAwait(false);
            MigrationPlan plan = await runner.PlanAsync(cancellationToken).ConfigureAwait(false);
            return plan.Pending.Count == 0
                ? [new CheckResult("schema", CheckLevel.Ok, string.Create(CultureInfo.InvariantCulture, $"version {version}"))]
                : [new CheckResult("schema", CheckLevel.Warn, string.Create(
                    CultureInfo.InvariantCulture,
                    $"version {version}, {plan.Pending.Count} migrations behind"), "run qwen3vl-batch migrate")];
        }
        catch (MigrationException exception)
        {
            return [new CheckResult(
                "schema",
                CheckLevel.Fail,
                exception.Message,
                "run qwen3vl-batch migrate with the newest version of the program")];
        }
        catch (Exception exception) when (exception is NpgsqlException or SocketException or TimeoutException)
        {
            return [];
        }
    }
}
