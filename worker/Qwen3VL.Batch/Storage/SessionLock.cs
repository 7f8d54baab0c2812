using Npgsql;

namespace Qwen3VL.Batch.Storage;

/// <summary>
/// An advisory lock of a session that is kept for it alone: lost with the process, with the connection, or when the server has heard nothing for a
/// while, as of a process that was stopped or a machine that was cut off. One caller at a time.
/// </summary>
/// <param name="session">Owned from here on.</param>
internal sealed class SessionLock(NpgsqlConnection session) : IAsyncDisposable
{
    private const string TryLock = "SELECT pg_try_advisory_lock(@number)";

    /// <summary>Takes a lock if nobody has it.</summary>
    /// <param name="sessions">Without a pool, so that what is closed here ends at the server too.</param>
    /// <param name="number">One of <see cref="AdvisoryLocks"/>.</param>
    /// <param name="silence">The server ends the session after it.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Null when somebody has it.</returns>
    /// <exception cref="NpgsqlException">The database cannot be asked.</exception>
    public static async Task<SessionLock?> TryTakeAsync(NpgsqlDataSource sessions, long number, TimeSpan silence, CancellationToken cancellationToken)
    {
        NpgsqlConnection session = await sessions.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        SessionLock? taken = null;
        try
        {
            string limitSilence = FormattableString.Invariant($"SET idle_session_timeout = '{silence.TotalMilliseconds:F0}ms'");
            _ = await ExecuteAsync(new NpgsqlCommand(limitSilence, session), cancellationToken).ConfigureAwait(false);
            var tryLock = new NpgsqlCommand(TryLock, session) { Parameters = { new("number", number) } };
            taken = await ExecuteAsync(tryLock, cancellationToken).ConfigureAwait(false) is true ? new SessionLock(session) : null;
            return taken;
        }
        finally
        {
            if (taken is null)
            {
                await session.DisposeAsync().ConfigureAwait(false);
            }
        }
    }

    /// <summary>Whether the session, and the lock with it, is still there: the server may have ended it without this side knowing.</summary>
    /// <exception cref="OperationCanceledException">The token fired.</exception>
    public async Task<bool> IsHeldAsync(CancellationToken cancellationToken)
    {
        try
        {
            _ = await ExecuteAsync(new NpgsqlCommand("SELECT 1", session), cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (Exception) when (!cancellationToken.IsCancellationRequested)
        {
            // Broad on purpose: a session that its keep-alive found broken answers with no exception of the driver.
            return false;
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => session.DisposeAsync();

    private static async Task<object?> ExecuteAsync(NpgsqlCommand command, CancellationToken cancellationToken)
    {
        await using (command.ConfigureAwait(false))
        {
            return await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false);
        }
    }
}
