using Npgsql;

namespace Qwen3VL.Batch.Storage;

/// <summary>
/// The lead is an advisory lock of a session that this process keeps for it alone: lost with the process, with the connection, or when the
/// server has heard nothing for two lease times, as of a process that was stopped or a machine that was cut off. One caller at a time.
/// </summary>
/// <remarks>Sweeping needs no lock to be right, for its parts skip what others hold; the lead only keeps many workers from doing the same.</remarks>
internal sealed class PostgresSweepLeader : ISweepLeader, IAsyncDisposable
{
    // The number names sweeps among the advisory locks of the database, beside those of migrations and partitions.
    private const string TryLock = "SELECT pg_try_advisory_lock(7310450232)";

    private readonly NpgsqlDataSource _sessions;
    private readonly string _limitSilence;
    private NpgsqlConnection? _lead;

    /// <summary>Creates one; nothing is opened yet.</summary>
    /// <param name="sessions">Without a pool, so that what is closed here ends at the server too; disposed with this.</param>
    /// <param name="leaseTime">The lead is called for several times in it.</param>
    public PostgresSweepLeader(NpgsqlDataSource sessions, TimeSpan leaseTime)
    {
        _sessions = sessions;
        _limitSilence = FormattableString.Invariant($"SET idle_session_timeout = '{2 * leaseTime.TotalMilliseconds:F0}ms'");
    }

    /// <inheritdoc/>
    public async Task<bool> TryLeadAsync(CancellationToken cancellationToken)
    {
        if (_lead is not null)
        {
            try
            {
                // The server may have ended the session, and the lock with it, without this side knowing.
                _ = await ExecuteAsync(_lead, "SELECT 1", cancellationToken).ConfigureAwait(false);
                return true;
            }
            catch (Exception) when (!cancellationToken.IsCancellationRequested)
            {
                // Broad on purpose: a session that its keep-alive found broken answers with no exception of the driver, and a lead that is kept
                // without a session is one that nobody has.
                await ResignAsync().ConfigureAwait(false);
            }
        }

        NpgsqlConnection candidate = await _sessions.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            _ = await ExecuteAsync(candidate, _limitSilence, cancellationToken).ConfigureAwait(false);
            if (await ExecuteAsync(candidate, TryLock, cancellationToken).ConfigureAwait(false) is true)
            {
                _lead = candidate;
            }
        }
        finally
        {
            if (_lead is null)
            {
                await candidate.DisposeAsync().ConfigureAwait(false);
            }
        }

        return _lead is not null;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await ResignAsync().ConfigureAwait(false);
        await _sessions.DisposeAsync().ConfigureAwait(false);
    }

    private static async Task<object?> ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask ResignAsync()
    {
        if (_lead is { } lead)
        {
            _lead = null;
            await lead.DisposeAsync().ConfigureAwait(false);
        }
    }
}
