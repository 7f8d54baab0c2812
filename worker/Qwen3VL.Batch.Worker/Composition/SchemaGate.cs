using Microsoft.Extensions.Logging;
using Qwen3VL.Batch.Migrations;
using Qwen3VL.Batch.Pipeline;

namespace Qwen3VL.Batch.Worker.Composition;

/// <summary>Lets the worker begin only on a schema it knows. Workers verify and never migrate: two versions run side by side during an update.</summary>
internal static class SchemaGate
{
    private static readonly TimeSpan RetryBase = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan RetryCap = TimeSpan.FromSeconds(15);

    /// <summary>Waits for the database and verifies its schema.</summary>
    /// <exception cref="MigrationException">The schema is too old, too new or altered.</exception>
    /// <exception cref="OperationCanceledException">The token fired while the database was away.</exception>
    public static async Task PassAsync(Settings settings, TimeProvider time, ILogger logger, CancellationToken cancellationToken)
    {
        var runner = new MigrationRunner(settings.Database.ConnectionString, time);
        var backoff = new FullJitterBackoff(RetryBase, RetryCap, Environment.ProcessId);
        for (int failures = 0; ; failures++)
        {
            try
            {
                logger.SchemaVerified(await runner.VerifyAsync(cancellationToken).ConfigureAwait(false));
                return;
            }
            catch (Exception exception) when (TransientErrors.IsTransient(exception) && !TransientErrors.IsAccessRefused(exception))
            {
                TimeSpan delay = backoff.Next(failures);
                logger.SchemaCheckWaits(exception.GetType().Name, delay.TotalMilliseconds);
                await Task.Delay(delay, time, cancellationToken).ConfigureAwait(false);
            }
        }
    }
}
