using Npgsql;

namespace Qwen3VL.Batch.Storage;

/// <summary>The lead is a <see cref="SessionLock"/>. One caller at a time.</summary>
/// <param name="sessions">Without a pool; disposed with this.</param>
/// <param name="leaseTime">The lead is called for several times in it; who is silent for two of them loses it.</param>
/// <remarks>Sweeping needs no lock to be right, for its parts skip what others hold; the lead only keeps many workers from doing the same.</remarks>
internal sealed class PostgresSweepLeader(NpgsqlDataSource sessions, TimeSpan leaseTime) : ISweepLeader, IAsyncDisposable
{
    private SessionLock? _lead;

    /// <inheritdoc/>
    public async Task<bool> TryLeadAsync(CancellationToken cancellationToken)
    {
        if (_lead is not null && await _lead.IsHeldAsync(cancellationToken).ConfigureAwait(false))
        {
            return true;
        }

        await ResignAsync().ConfigureAwait(false);
        _lead = await SessionLock.TryTakeAsync(sessions, AdvisoryLocks.Sweeps, 2 * leaseTime, cancellationToken).ConfigureAwait(false);
        return _lead is not null;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await ResignAsync().ConfigureAwait(false);
        await sessions.DisposeAsync().ConfigureAwait(false);
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
