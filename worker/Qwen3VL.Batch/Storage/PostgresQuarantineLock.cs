using Npgsql;

namespace Qwen3VL.Batch.Storage;

/// <summary>
/// The one place for a process of the quarantine lane that workers start: an advisory lock of a session that is kept for it alone, taken before
/// the model is loaded. Lost with the process, with the connection, or when the server has heard nothing for a while, as of a machine that was
/// cut off.
/// </summary>
/// <remarks>
/// Claims need no lock to be right; it only keeps the children of many workers from each loading the model for the same group. Whoever loses the
/// session with the server goes on: by then its row among the workers keeps others from starting.
/// </remarks>
internal sealed class PostgresQuarantineLock : IAsyncDisposable
{
    // The number names the quarantine lane among the advisory locks of the database, beside those of migrations, partitions and sweeps.
    // PostgresQuarantine looks for it by its two halves.
    private const string TryLock = "SELECT pg_try_advisory_lock(7310450233)";

    // Four of the keep-alives that the client sends by itself: a process that loads its model for minutes is not silent.
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(60);

    private static readonly string LimitSilence = FormattableString.Invariant($"SET idle_session_timeout = '{Silence.TotalMilliseconds:F0}ms'");

    private readonly NpgsqlDataSource _sessions;
    private readonly NpgsqlConnection _session;

    private PostgresQuarantineLock(NpgsqlDataSource sessions, NpgsqlConnection session)
    {
        _sessions = sessions;
        _session = session;
    }

    /// <summary>Takes it if nobody has it; disposing the result gives it back.</summary>
    /// <returns>Null when somebody has it.</returns>
    /// <exception cref="NpgsqlException">The database cannot be asked.</exception>
    public static async Task<PostgresQuarantineLock?> TryTakeAsync(DatabaseOptions options, CancellationToken cancellationToken)
    {
        NpgsqlDataSource sessions = LedgerDataSource.CreateUnpooled(options);
        NpgsqlConnection? session = null;
        PostgresQuarantineLock? taken = null;
        try
        {
            session = await sessions.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
            _ = await ExecuteAsync(session, LimitSilence, cancellationToken).ConfigureAwait(false);
            if (await ExecuteAsync(session, TryLock, cancellationToken).ConfigureAwait(false) is true)
            {
                taken = new PostgresQuarantineLock(sessions, session);
            }

            return taken;
        }
        finally
        {
            if (taken is null)
            {
                await CloseAsync(sessions, session).ConfigureAwait(false);
            }
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => CloseAsync(_sessions, _session);

    private static async ValueTask CloseAsync(NpgsqlDataSource sessions, NpgsqlConnection? session)
    {
        if (session is not null)
        {
            await session.DisposeAsync().ConfigureAwait(false);
        }

        await sessions.DisposeAsync().ConfigureAwait(false);
    }

    private static async Task<object?> ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false);
    }
}
