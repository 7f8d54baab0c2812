using Dapper;
using Npgsql;

namespace Qwen3VL.Batch.Faults.Figures;

/// <summary>Makes a past: ended jobs with all their rows, written by SQL in seconds where workers would take hours.</summary>
internal static class HistoryRows
{
    private const int ChunksPerJob = 400;

    private const string Jobs =
        """
        INSERT INTO vq.jobs (id, tenant_id, priority, state, kind, idem_key, source_uri, tasks, options, total_chunks, done_chunks, finished_at)
        SELECT vq.uuid7(), n % 10, 5, 'succeeded', 'document', 'history-' || n, 'a.pdf', '[]', '{}', @PerJob, @PerJob, now()
        FROM generate_series(1, @Jobs) n
        """;

    private const string Chunks =
        """
        INSERT INTO vq.chunks (job_id, chunk_no, group_no, first_unit, last_unit, stage, starts, started_at, finished_at, fence, kind, outcome)
        SELECT j.id, c, 1 + c / 8, c + 1, c + 1, 0, 1, now(), now(), 1, 'pages', 'succeeded'
        FROM vq.jobs j CROSS JOIN generate_series(0, @PerJob - 1) c WHERE j.idem_key LIKE 'history-%'
        """;

    private const string Attempts =
        """
        INSERT INTO vq.chunk_attempts (job_id, chunk_no, fence, worker_id, started_at, start_no, outcome)
        SELECT job_id, chunk_no, 1, 1, now(), 1, 'succeeded' FROM vq.chunks WHERE outcome = 'succeeded'
        """;

    private const string Usage =
        """
        INSERT INTO vq.usage_records (job_id, chunk_no, fence, tenant_id, engine_us, prompt_tokens, cached_tokens, image_tokens, output_tokens,
          requests, billable)
        SELECT job_id, chunk_no, 1, 1, 1000, 100, 0, 60, 10, 1, true FROM vq.chunks WHERE outcome = 'succeeded'
        """;

    private const string Pages =
        """
        INSERT INTO vq.pages (job_id, page_no, chunk_no, width_px, height_px, rotation, width_points, height_points, body, truncated, content_sha256)
        SELECT job_id, first_unit, chunk_no, 800, 600, 0, 576, 432, repeat(md5(chunk_no::text), 4), false, repeat('b', 64)
        FROM vq.chunks WHERE outcome = 'succeeded'
        """;

    private const string Analyze = "ANALYZE vq.jobs, vq.chunks, vq.chunk_attempts, vq.usage_records, vq.pages";

    // What the writing left to do must not be paid for by what is measured after it.
    private const string Checkpoint = "CHECKPOINT;";

    /// <summary>Writes so many chunks, and as many pages, attempts and usage rows.</summary>
    public static async Task WriteAsync(string database, int chunks, CancellationToken cancellationToken)
    {
        await using var connection = new NpgsqlConnection(database + ";Pooling=false;Command Timeout=600");
        var size = new { PerJob = ChunksPerJob, Jobs = Math.Max(1, chunks / ChunksPerJob) };
        foreach (string sql in (string[])[Jobs, Chunks, Attempts, Usage, Pages, Analyze, Checkpoint])
        {
            await connection.ExecuteAsync(new CommandDefinition(sql, size, cancellationToken: cancellationToken));
        }
    }
}
