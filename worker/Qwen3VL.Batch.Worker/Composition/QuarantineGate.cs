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
    /// <param name="settings">Where the lane is.</param>
    /// <param name="limit">Longest wait; <see cref="Timeout.InfiniteTimeSpan"/>: for ever.</param>
    /// <param name="time">Clock.</param>
    /// <param name="logger">Told when the lane cannot be looked at.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Whether there is one; false when the limit came first.</returns>
    /// <exception cref="OperationCanceledException">The token fired first.</exception>
    public static async Task<bool> PassAsync(Settings settings, TimeSpan limit, TimeProvider time, ILogger logger, CancellationToken cancellationToken)
    {
        NpgsqlDataSource database = LedgerDataSource.Create(settings.Database);
        await using (database.ConfigureAwait(false))
        {
            var quarantine = new PostgresQuarantine(database);
            long begun = time.GetTimestamp();
            while (!await IsReadyAsync(quarantine, logger, cancellationToken).ConfigureAwait(false))
            {
                if (limit != Timeout.InfiniteTimeSpan && time.GetElapsedTime(begun) >= limit)
                {
                    return false;
                }

                await Task.Delay(Look, time, cancellationToken).ConfigureAwait(false);
            }

            return true;
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
