using Microsoft.Extensions.Logging;
using Npgsql;
using Qwen3VL.Batch.Pipeline;
using Qwen3VL.Batch.Storage;

namespace Qwen3VL.Batch.Worker.Composition;

/// <summary>Lets a worker of the quarantine lane load its model only when there is work for it.</summary>
internal static class QuarantineGate
{
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(2);

    /// <summary>Waits for a group of the quarantine lane.</summary>
    /// <exception cref="OperationCanceledException">The token fired first.</exception>
    public static async Task PassAsync(Settings settings, TimeProvider time, ILogger logger, CancellationToken cancellationToken)
    {
        NpgsqlDataSource database = LedgerDataSource.Create(settings.Database);
        await using (database.ConfigureAwait(false))
        {
            var quarantine = new PostgresQuarantine(database);
            while (!await IsReadyAsync(quarantine, logger, cancellationToken).ConfigureAwait(false))
            {
                await Task.Delay(Look, time, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private static async Task<bool> IsReadyAsync(PostgresQuarantine quarantine, ILogger logger, CancellationToken cancellationToken)
    {
        try
        {
            return await quarantine.IsReadyAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (TransientErrors.IsTransient(exception))
        {
            logger.QuarantineUnknown(exception.GetType().Name);
            return false;
        }
    }
}
