namespace Qwen3VL.Batch.Storage;

/// <summary>Statements about dead letters.</summary>
internal static class DeadLetterSql
{
    /// <summary>
    /// The dead letter of a chunk that has just failed, once for each open one, with its entry in the audit. One row: what the event tells.
    /// </summary>
    public const string InsertChunk =
        """
        WITH chunk AS (
          SELECT c.job_id, c.chunk_no, c.error_code, c.error_message, c.starts, j.tenant_id
          FROM vq.chunks c JOIN vq.jobs j ON j.id = c.job_id
          WHERE c.job_id = @JobId AND c.chunk_no = @ChunkNo AND j.id = @JobId),
        letter AS (
          INSERT INTO vq.dead_letters (source, dedup_key, job_id, chunk_no, error_code, error_text, attempts, tenant_id)
          SELECT 'chunk', format('chunk:%s:%s', job_id, chunk_no), job_id, chunk_no, error_code, error_message, starts, tenant_id FROM chunk
          ON CONFLICT (dedup_key) WHERE status IN ('open', 'replaying')
          DO UPDATE SET occurrences = vq.dead_letters.occurrences + 1, last_at = now(), error_code = excluded.error_code,
            error_text = excluded.error_text, attempts = excluded.attempts
          RETURNING id, occurrences, attempts, tenant_id),
        audit AS (
          INSERT INTO vq.dead_letter_audit (dead_letter_id, action, actor)
          SELECT id, CASE WHEN occurrences = 1 THEN 'recorded' ELSE 'repeated' END, 'worker' FROM letter)
        SELECT attempts, tenant_id AS TenantId, now() AS At FROM letter
        """;
}
