using Dapper;
using Npgsql;
using Qwen3VL.Batch.Faults.Checking.Facts;

namespace Qwen3VL.Batch.Faults.Checking;

/// <summary>Reads the database's part of a <see cref="RunState"/>, in one snapshot.</summary>
internal static class RunStateReader
{
    private const string Jobs = "SELECT id, tenant_id AS TenantId, idem_key AS Key, state, total_chunks AS Total, done_chunks AS Done, failed_chunks AS Failed FROM vq.jobs";

    private const string Chunks =
        "SELECT job_id AS Job, chunk_no AS ChunkNo, kind, first_unit AS FirstUnit, last_unit AS LastUnit, outcome, fence, error_code AS ErrorCode FROM vq.chunks ORDER BY 1, 2";

    private const string Pages = "SELECT job_id AS Job, page_no AS PageNo, chunk_no AS ChunkNo, content_sha256 AS ContentSha256, body FROM vq.pages ORDER BY 1, 2";

    private const string Captions = "SELECT job_id AS Job, chunk_no AS ChunkNo, page_no AS Unit, body FROM vq.captions ORDER BY 1, 2";

    private const string Boxes = "SELECT job_id AS Job, chunk_no AS ChunkNo, page_no AS PageNo, count(*) AS Count FROM vq.boxes GROUP BY 1, 2, 3";

    private const string Segments = "SELECT job_id AS Job, chunk_no AS ChunkNo, kind, start_ms AS StartMs, end_ms AS EndMs, body FROM vq.segments";

    private const string SummaryParts = "SELECT job_id AS Job, chunk_no AS ChunkNo, part_no AS Unit, body FROM vq.summary_parts";

    private const string Summaries = "SELECT job_id AS Job, chunk_no AS ChunkNo, 0 AS Unit, body FROM vq.job_outputs";

    private const string Usage = "SELECT job_id AS Job, chunk_no AS ChunkNo, fence, billable FROM vq.usage_records";

    private const string Attempts = "SELECT job_id AS Job, chunk_no AS ChunkNo, fence, outcome FROM vq.chunk_attempts";

    private const string Work =
        "SELECT job_id AS Job, group_no AS GroupNo, lease_until IS NOT NULL AS IsLeased, coalesce(lease_until < now(), false) AS IsExpired FROM vq.work";

    private const string Keys = "SELECT tenant_id AS TenantId, idem_key AS Key, job_id AS Job FROM vq.idempotency_keys";

    private const string Rejections = "SELECT tenant_id AS TenantId, idem_key AS Key, NULL::uuid AS Job FROM vq.rejections";

    private const string DeadChunks = "SELECT tenant_id AS TenantId, dedup_key AS Key, job_id AS Job FROM vq.dead_letters WHERE source = 'chunk'";

    private const string OutboxRows = "SELECT count(*) FROM vq.outbox";

    private const string DeadMessages = "SELECT count(*) FROM vq.dead_letters WHERE source = 'message'";

    private const string Sessions =
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'qwen3vl-batch'";

    /// <summary>Reads it.</summary>
    public static async Task<RunState> ReadAsync(string database, CancellationToken cancellationToken)
    {
        await using var connection = new NpgsqlConnection(database + ";Pooling=false");
        await connection.OpenAsync(cancellationToken);
        await using NpgsqlTransaction snapshot = await connection.BeginTransactionAsync(System.Data.IsolationLevel.RepeatableRead, cancellationToken);
        return new RunState
        {
            Jobs = await RowsAsync<JobFact>(snapshot, Jobs, cancellationToken),
            Chunks = await RowsAsync<ChunkFact>(snapshot, Chunks, cancellationToken),
            Pages = await RowsAsync<PageFact>(snapshot, Pages, cancellationToken),
            Captions = await RowsAsync<TextFact>(snapshot, Captions, cancellationToken),
            Boxes = await RowsAsync<BoxesFact>(snapshot, Boxes, cancellationToken),
            Segments = await RowsAsync<SegmentFact>(snapshot, Segments, cancellationToken),
            SummaryParts = await RowsAsync<TextFact>(snapshot, SummaryParts, cancellationToken),
            Summaries = await RowsAsync<TextFact>(snapshot, Summaries, cancellationToken),
            Usage = await RowsAsync<UsageFact>(snapshot, Usage, cancellationToken),
            Attempts = await RowsAsync<AttemptFact>(snapshot, Attempts, cancellationToken),
            Work = await RowsAsync<WorkFact>(snapshot, Work, cancellationToken),
            Keys = await RowsAsync<KeyFact>(snapshot, Keys, cancellationToken),
            Rejections = await RowsAsync<KeyFact>(snapshot, Rejections, cancellationToken),
            DeadChunks = await RowsAsync<KeyFact>(snapshot, DeadChunks, cancellationToken),
            OutboxRows = (await RowsAsync<long>(snapshot, OutboxRows, cancellationToken)).Single(),
            DeadCommands = (await RowsAsync<long>(snapshot, DeadMessages, cancellationToken)).Single(),
            WorkerSessions = (await RowsAsync<long>(snapshot, Sessions, cancellationToken)).Single(),
        };
    }

    private static async Task<IReadOnlyList<T>> RowsAsync<T>(NpgsqlTransaction snapshot, string sql, CancellationToken cancellationToken) =>
        [.. await snapshot.Connection!.QueryAsync<T>(new CommandDefinition(sql, transaction: snapshot, cancellationToken: cancellationToken))]; // an open transaction has a connection
}
