using Npgsql;

namespace Qwen3VL.Batch.Storage;

/// <summary>The quarantine lane in PostgreSQL.</summary>
internal sealed class PostgresQuarantine(NpgsqlDataSource database) : IQuarantine
{
    private const string IsReady =
        """
        SELECT EXISTS (
          SELECT FROM vq.work WHERE lane = @Lane AND lease_until IS NULL AND NOT waiting AND NOT cancelled AND run_at <= now())
        """;

    // A child that still loads its model has no row among the workers, but the lock, which pg_locks shows by the halves of its number.
    private const string NeedsWorker =
        IsReady
        + """
           AND NOT EXISTS (
            SELECT FROM vq.workers
            WHERE @Lane = ANY(lanes) AND stopped_at IS NULL AND NOT draining AND beat_at > now() - make_interval(secs => @SilenceSeconds))
           AND NOT EXISTS (
            SELECT FROM pg_locks
            WHERE locktype = 'advisory' AND classid = (@Lock >> 32)::oid AND objid = (@Lock & 4294967295)::oid AND objsubid = 1
              AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))
          """;

    /// <inheritdoc/>
    public Task<bool> IsReadyAsync(CancellationToken cancellationToken) =>
        AskAsync(IsReady, new { Lane = Lanes.Quarantine }, cancellationToken);

    /// <inheritdoc/>
    public Task<bool> NeedsWorkerAsync(TimeSpan silence, CancellationToken cancellationToken) =>
        AskAsync(NeedsWorker, new { Lane = Lanes.Quarantine, SilenceSeconds = silence.TotalSeconds, Lock = AdvisoryLocks.Quarantine }, cancellationToken);

    private async Task<bool> AskAsync(string sql, object parameters, CancellationToken cancellationToken)
    {
        await using LedgerSession session = await LedgerSession.BeginAsync(database, cancellationToken).ConfigureAwait(false);
        return await session.FindValueAsync<bool>(sql, parameters).ConfigureAwait(false) is true;
    }
}
