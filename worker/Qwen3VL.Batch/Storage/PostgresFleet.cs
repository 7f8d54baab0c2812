using Npgsql;

namespace Qwen3VL.Batch.Storage;

/// <summary>The workers' table in PostgreSQL.</summary>
internal sealed class PostgresFleet(NpgsqlDataSource database) : IFleet
{
    /// <inheritdoc/>
    public async Task<IReadOnlyList<WorkerRow>> ListAsync(bool all, CancellationToken cancellationToken)
    {
        await using LedgerSession session = await LedgerSession.BeginAsync(database, cancellationToken).ConfigureAwait(false);
        return await session.QueryAsync<WorkerRow>(FleetSql.List, new { All = all }).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<long>> RequestDrainAsync(DrainSelection selection, CancellationToken cancellationToken)
    {
        await using LedgerSession session = await LedgerSession.BeginAsync(database, cancellationToken).ConfigureAwait(false);
        var which = new { WorkerIds = selection.WorkerIds.ToArray(), selection.Host, selection.All };
        IReadOnlyList<long> asked = await session.QueryAsync<long>(FleetSql.RequestDrain, which).ConfigureAwait(false);
        await session.CommitAsync().ConfigureAwait(false);
        return [.. asked.Order()];
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<long>> RunningAsync(IReadOnlyList<long> workerIds, CancellationToken cancellationToken)
    {
        await using LedgerSession session = await LedgerSession.BeginAsync(database, cancellationToken).ConfigureAwait(false);
        return await session.QueryAsync<long>(FleetSql.Running, new { WorkerIds = workerIds.ToArray() }).ConfigureAwait(false);
    }
}
