using Dapper;
using Npgsql;

namespace Qwen3VL.Batch.FaultTests.Models;

/// <summary>A ledger's state in the words of <see cref="LedgerModel.Describe"/>, and rules that hold at every moment.</summary>
internal static class LedgerDump
{
    private const string Lines =
        """
        SELECT concat('job ', idem_key, ' ', state, ' total ', coalesce(total_chunks::text, '-'), ' done ', done_chunks, ' failed ', failed_chunks) FROM vq.jobs
        UNION ALL
        SELECT concat('chunk ', j.idem_key, '/', c.chunk_no, ' ', coalesce(c.outcome, 'open'), ' group ', c.group_no, ' starts ', c.starts, ' lost ', c.lost_starts)
        FROM vq.chunks c JOIN vq.jobs j ON j.id = c.job_id
        UNION ALL
        SELECT concat('group ', j.idem_key, '/', w.group_no, ' fence ', w.fence, ' owner ', coalesce(w.lease_owner::text, '-'),
          CASE WHEN w.waiting THEN ' waiting' END, CASE WHEN w.cancelled THEN ' cancelled' END, CASE WHEN w.lane = 2 THEN ' quarantine' END)
        FROM vq.work w JOIN vq.jobs j ON j.id = w.job_id
        """;

    private const string Broken =
        """
        SELECT concat('chunk ', c.chunk_no, ' (', coalesce(c.outcome, 'open'), ') must have a page just when it succeeded')
        FROM vq.chunks c LEFT JOIN vq.pages p ON p.job_id = c.job_id AND p.chunk_no = c.chunk_no
        WHERE c.kind = 'pages' AND (c.outcome IS NOT DISTINCT FROM 'succeeded') <> (p.job_id IS NOT NULL)
        UNION ALL
        SELECT concat('chunk ', c.chunk_no, ' (', coalesce(c.outcome, 'open'), ') must be billed once just when it succeeded; got ', u.bills)
        FROM vq.chunks c CROSS JOIN LATERAL (
          SELECT count(*) AS bills FROM vq.usage_records u WHERE u.job_id = c.job_id AND u.chunk_no = c.chunk_no AND u.billable) u
        WHERE u.bills <> CASE WHEN c.outcome IS NOT DISTINCT FROM 'succeeded' THEN 1 ELSE 0 END
        UNION ALL
        SELECT concat('job ', j.idem_key, ' (', j.state, ') must be told of once it has ended; got ', e.events, ' final events')
        FROM vq.jobs j CROSS JOIN LATERAL (
          SELECT count(*) AS events FROM vq.outbox o
          WHERE o.job_id = j.id AND o.message_type IN ('JobSucceeded', 'JobPartial', 'JobFailed', 'JobCancelled')) e
        WHERE e.events <> CASE WHEN j.state IN ('succeeded', 'partial', 'failed', 'cancelled') THEN 1 ELSE 0 END
        UNION ALL
        SELECT concat('counters of job ', j.idem_key, ' must be those of its chunks; got ', j.done_chunks, ' and ', j.failed_chunks)
        FROM vq.jobs j CROSS JOIN LATERAL (
          SELECT count(*) FILTER (WHERE c.outcome = 'succeeded') AS done, count(*) FILTER (WHERE c.outcome = 'failed') AS failed
          FROM vq.chunks c WHERE c.job_id = j.id) n
        WHERE j.done_chunks <> n.done OR j.failed_chunks <> n.failed
        UNION ALL
        SELECT concat('ended job ', j.idem_key, ' must have no open chunk')
        FROM vq.jobs j WHERE j.finished_at IS NOT NULL AND EXISTS (SELECT FROM vq.chunks c WHERE c.job_id = j.id AND c.outcome IS NULL)
        UNION ALL
        SELECT concat('open chunk ', c.chunk_no, ' of running job ', j.idem_key, ' must have a group')
        FROM vq.chunks c JOIN vq.jobs j ON j.id = c.job_id
        WHERE c.outcome IS NULL AND j.state = 'running' AND NOT EXISTS (SELECT FROM vq.work w WHERE w.job_id = c.job_id AND w.group_no = c.group_no)
        """;

    /// <summary>The state.</summary>
    public static async Task<IReadOnlyList<string>> ReadAsync(NpgsqlConnection connection) =>
        [.. (await connection.QueryAsync<string>(Lines)).Order(StringComparer.Ordinal)];

    /// <summary>Rules that do not hold.</summary>
    public static async Task<IReadOnlyList<string>> BrokenRulesAsync(NpgsqlConnection connection) => [.. await connection.QueryAsync<string>(Broken)];
}
