using Npgsql;
using Qwen3VL.Batch.Contracts.V1;
using Qwen3VL.Batch.Jobs;
using Qwen3VL.Batch.Results;

namespace Qwen3VL.Batch.Storage;

/// <summary>Reads the ledger in PostgreSQL. Every statement names the tenant, or a job that was just found to be the tenant's.</summary>
internal sealed class PostgresResultReader(NpgsqlDataSource database) : IResultReader
{
    // The sender's clock and the server's may differ by as much without an old refusal being taken for a new one, or a new one missed.
    private static readonly TimeSpan ClockSlack = TimeSpan.FromMinutes(10);

    /// <inheritdoc/>
    public async Task<Guid?> FindJobAsync(long tenantId, string idempotencyKey, CancellationToken cancellationToken)
    {
        await using LedgerSession session = await BeginAsync(cancellationToken).ConfigureAwait(false);
        return await session.FindValueAsync<Guid>(ReaderSql.FindJob, Key(tenantId, idempotencyKey)).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task<JobError?> FindRejectionAsync(long tenantId, string idempotencyKey, CancellationToken cancellationToken)
    {
        await using LedgerSession session = await BeginAsync(cancellationToken).ConfigureAwait(false);
        return await session.FindAsync<JobError>(ReaderSql.FindRejection, Key(tenantId, idempotencyKey)).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task<JobError?> FindRejectionAsync(SubmitJob command, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(command);
        await using LedgerSession session = await BeginAsync(cancellationToken).ConfigureAwait(false);
        var key = new
        {
            command.TenantId,
            Key = StoredText.Clean(command.IdempotencyKey, StoredText.KeyLength),
            Hash = RequestHash.Of(command),
            UnreadHash = RequestHash.OfUnread(command.TenantId, command.IdempotencyKey),
            UnreadSince = (command.OccurredAt - ClockSlack).UtcDateTime,
        };
        return await session.FindAsync<JobError>(ReaderSql.FindCommandRejection, key).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task<JobRecord?> ReadJobAsync(long tenantId, Guid jobId, CancellationToken cancellationToken)
    {
        await using LedgerSession session = await BeginAsync(cancellationToken).ConfigureAwait(false);
        return await ReadJobAsync(session, tenantId, jobId).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<JobRecord>> ListJobsAsync(long tenantId, int limit, CancellationToken cancellationToken)
    {
        await using LedgerSession session = await BeginAsync(cancellationToken).ConfigureAwait(false);
        IReadOnlyList<JobRow> rows = await session.QueryAsync<JobRow>(ReaderSql.Jobs, new { TenantId = tenantId, Limit = limit }).ConfigureAwait(false);
        return [.. rows.Select(row => row.ToRecord())];
    }

    /// <inheritdoc/>
    public async Task<JobResults?> ReadResultsAsync(long tenantId, Guid jobId, CancellationToken cancellationToken)
    {
        await using LedgerSession session = await BeginAsync(cancellationToken).ConfigureAwait(false);

        // One snapshot for all statements: a chunk that ends meanwhile is seen whole or not at all.
        await session.ExecuteAsync("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY").ConfigureAwait(false);
        if (await ReadJobAsync(session, tenantId, jobId).ConfigureAwait(false) is not { } job)
        {
            return null;
        }

        var key = new { JobId = jobId };
        IReadOnlyList<BoxRow> boxes = await session.QueryAsync<BoxRow>(ReaderSql.Boxes, key).ConfigureAwait(false);
        IReadOnlyList<SegmentRow> segments = await session.QueryAsync<SegmentRow>(ReaderSql.Segments, key).ConfigureAwait(false);
        IReadOnlyList<IssueRow> issues = await session.QueryAsync<IssueRow>(ReaderSql.Issues, key).ConfigureAwait(false);
        IReadOnlyList<ChunkRow> failed = await session.QueryAsync<ChunkRow>(ReaderSql.FailedChunks, key).ConfigureAwait(false);
        return new JobResults(
            job,
            await session.QueryAsync<PageResult>(ReaderSql.Pages, key).ConfigureAwait(false),
            await session.QueryAsync<CaptionResult>(ReaderSql.Captions, key).ConfigureAwait(false),
            [.. boxes.Select(row => row.ToResult())],
            [.. segments.Select(row => row.ToResult())],
            await session.QueryAsync<SummaryPart>(ReaderSql.SummaryParts, key).ConfigureAwait(false),
            await session.FindAsync<string>(ReaderSql.Summary, key).ConfigureAwait(false),
            [.. issues.Select(row => row.ToIssue())],
            [.. failed.Select(row => row.ToFailedChunk())],
            await session.FindAsync<ChunkUsage>(ReaderSql.Usage, key).ConfigureAwait(false) ?? ChunkUsage.None);
    }

    private static async Task<JobRecord?> ReadJobAsync(LedgerSession session, long tenantId, Guid jobId)
    {
        JobRow? row = await session.FindAsync<JobRow>(ReaderSql.Job, new { TenantId = tenantId, JobId = jobId }).ConfigureAwait(false);
        return row?.ToRecord();
    }

    // A key is stored clean; one that is asked for must be cleaned the same way to be found.
    private static object Key(long tenantId, string idempotencyKey) =>
        new { TenantId = tenantId, Key = StoredText.Clean(idempotencyKey, StoredText.KeyLength) };

    private Task<LedgerSession> BeginAsync(CancellationToken cancellationToken) => LedgerSession.BeginAsync(database, cancellationToken);
}
