using Npgsql;
using Qwen3VL.Batch.Jobs;

namespace Qwen3VL.Batch.Storage;

/// <summary>Looks into jobs in PostgreSQL. Every statement names the tenant, or a job that was just found to be the tenant's.</summary>
internal sealed class PostgresJobInspector(NpgsqlDataSource database) : IJobInspector
{
    // Later times do not fit the 48 bits of milliseconds in an id.
    private static readonly DateTimeOffset LatestId = new(9999, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<JobRecord>> ListAsync(long tenantId, JobFilter filter, CancellationToken cancellationToken)
    {
        await using LedgerSession session = await LedgerSession.BeginAsync(database, cancellationToken).ConfigureAwait(false);
        string sql = filter.Order switch
        {
            JobOrder.Oldest => JobInspectorSql.Oldest,
            JobOrder.Longest => JobInspectorSql.Longest,
            _ => JobInspectorSql.Newest,
        };
        var parameters = new
        {
            TenantId = tenantId,
            Since = Within(filter.Since),
            Until = Within(filter.Until),
            AnyState = filter.States.Count == 0,
            States = filter.States.Select(StoredWord.Of).ToArray(),
            filter.Kind,
            filter.Source,
            filter.ErrorCode,
            filter.Limit,
        };
        IReadOnlyList<JobRow> rows = await session.QueryAsync<JobRow>(sql, parameters).ConfigureAwait(false);
        return [.. rows.Select(row => row.ToRecord())];
    }

    /// <inheritdoc/>
    public async Task<JobDetails?> ReadAsync(long tenantId, Guid jobId, CancellationToken cancellationToken)
    {
        await using LedgerSession session = await LedgerSession.BeginAsync(database, cancellationToken).ConfigureAwait(false);

        // One snapshot for all statements: counts and groups fit together.
        await session.ExecuteAsync("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY").ConfigureAwait(false);
        if (await session.FindAsync<JobRow>(ReaderSql.Job, new { TenantId = tenantId, JobId = jobId }).ConfigureAwait(false) is not { } job)
        {
            return null;
        }

        var key = new { JobId = jobId };
        DeadLetterCounts? dead = await session.FindAsync<DeadLetterCounts>(JobInspectorSql.DeadLetters, key).ConfigureAwait(false);
        return new JobDetails(
            job.ToRecord(),
            await session.FindAsync<ChunkCounts>(JobInspectorSql.Chunks, key).ConfigureAwait(false) ?? new ChunkCounts(),
            await session.QueryAsync<GroupRow>(JobInspectorSql.Groups, key).ConfigureAwait(false),
            dead?.Open ?? 0,
            dead?.Total ?? 0,
            await session.FindAsync<UsageRow>(UsageSql.OfJob, key).ConfigureAwait(false) ?? new UsageRow());
    }

    private static DateTime Within(DateTimeOffset time) =>
        (time < DateTimeOffset.UnixEpoch ? DateTimeOffset.UnixEpoch : time > LatestId ? LatestId : time).UtcDateTime;
}
