using Dapper;
using Npgsql;

namespace Qwen3VL.Batch.Faults.Scenarios;

/// <summary>What the tables of the queue said when a scenario failed, as a file: the database is gone afterwards.</summary>
internal static class StateDump
{
    private const string JobCounts = "SELECT state || ' ' || count(*) FROM vq.jobs GROUP BY state ORDER BY 1";

    private const string OpenJobs = "SELECT row_to_json(j)::text FROM vq.jobs j WHERE finished_at IS NULL ORDER BY id LIMIT @Rows";

    private const string WorkCounts =
        """
        SELECT state || ' ' || count(*) FROM (
          SELECT CASE WHEN lease_until < now() THEN 'leased, run out' WHEN lease_until IS NOT NULL THEN 'leased' WHEN waiting THEN 'waiting' ELSE 'ready' END AS state
          FROM vq.work) w GROUP BY state ORDER BY 1
        """;

    private const string Work = "SELECT row_to_json(w)::text FROM vq.work w ORDER BY order_key, job_id, group_no LIMIT @Rows";

    private const string OutboxCounts = "SELECT message_type || ' ' || count(*) FROM vq.outbox GROUP BY message_type ORDER BY 1";

    private const string Outbox = "SELECT row_to_json(o)::text FROM vq.outbox o ORDER BY id LIMIT @Rows";

    private const string ChunkCounts = "SELECT coalesce(outcome, 'open') || ' ' || count(*) FROM vq.chunks GROUP BY outcome ORDER BY 1";

    private const string OpenChunks = "SELECT row_to_json(c)::text FROM vq.chunks c WHERE outcome IS NULL ORDER BY job_id, chunk_no LIMIT @Rows";

    private const string Sessions =
        "SELECT concat_ws(' ', pid, application_name, state, wait_event_type, wait_event, now() - xact_start) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()";

    // Enough to see the pattern.
    private const int Rows = 200;

    private static readonly (string Title, string Sql)[] Parts =
    [
        ("jobs by state", JobCounts), ("open jobs", OpenJobs), ("groups", WorkCounts), ("vq.work", Work), ("events by type", OutboxCounts), ("vq.outbox", Outbox),
        ("chunks by outcome", ChunkCounts), ("open chunks", OpenChunks), ("sessions", Sessions),
    ];

    /// <summary>Writes it; a database that does not answer is said in the file.</summary>
    public static async Task WriteAsync(string database, string file)
    {
        await using var output = new StreamWriter(file);
        try
        {
            await using var connection = new NpgsqlConnection(database + ";Pooling=false;Timeout=5;Command Timeout=10");
            await connection.OpenAsync();
            foreach ((string title, string sql) in Parts)
            {
                await output.WriteLineAsync($"== {title}");
                foreach (string row in await connection.QueryAsync<string>(sql, new { Rows }))
                {
                    await output.WriteLineAsync(row);
                }
            }
        }
        catch (Exception exception) when (exception is NpgsqlException or TimeoutException)
        {
            await output.WriteLineAsync($"the database could not be read: {exception.Message}");
        }
    }
}
