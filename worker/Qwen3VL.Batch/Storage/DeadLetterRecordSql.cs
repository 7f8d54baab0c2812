namespace Qwen3VL.Batch.Storage;

/// <summary>Statements that record what was given up: chunks, commands, and messages of the outbox.</summary>
internal static class DeadLetterRecordSql
{
    /// <summary>
    /// Records something given up, with its audit row; while one of the same key is open, counts on it instead. Parameters are the members of
    /// <see cref="NewDeadLetter"/>. Part of whatever transaction gives it up.
    /// </summary>
    public const string Record =
        """
        WITH letter AS (
          INSERT INTO vq.dead_letters AS d (source, dedup_key, tenant_id, job_id, chunk_no, queue, message_type, headers, body, body_raw,
            error_code, error_text, attempts, replay_count)
          VALUES (@Source, @DedupKey, @TenantId, @JobId, @ChunkNo, @Queue, @MessageType, @Headers::jsonb, @Body::jsonb, @BodyRaw,
            @ErrorCode, @ErrorText, @Attempts, @Replays)
          ON CONFLICT (dedup_key) WHERE status IN ('open', 'replaying') DO UPDATE SET
            occurrences = d.occurrences + 1, last_at = now(), attempts = greatest(d.attempts, excluded.attempts),
            error_code = excluded.error_code, error_text = excluded.error_text
          RETURNING id, occurrences)
        INSERT INTO vq.dead_letter_audit (dead_letter_id, action, actor, detail)
        SELECT id, CASE WHEN occurrences = 1 THEN 'recorded' ELSE 'repeated' END, @Actor, jsonb_build_object('code', @ErrorCode::text)
        FROM letter
        RETURNING dead_letter_id
        """;

    /// <summary>
    /// A replay that came back: its own dead letter opens again, and keeps its count of replays. The body must be the one that was sent, so that
    /// a header that somebody made up hides nothing.
    /// </summary>
    public const string ReopenMessage =
        $"""
        WITH letter AS (
          UPDATE vq.dead_letters d SET {Reopened}
          WHERE d.id = @ReplayOf AND d.source = 'message' AND d.status IN ('replayed', 'open') AND d.body = @Body::jsonb AND {NoneOpen}
          RETURNING d.id)
        {AuditReopened}
        """;

    /// <summary>The same for a row of the outbox, which keeps its id.</summary>
    public const string ReopenOutbox =
        $"""
        WITH last AS MATERIALIZED (
          SELECT l.id FROM vq.dead_letters l WHERE l.dedup_key = @DedupKey AND l.status = 'replayed' ORDER BY l.last_at DESC, l.id DESC LIMIT 1),
        letter AS (
          UPDATE vq.dead_letters d SET {Reopened} FROM last WHERE d.id = last.id AND {NoneOpen}
          RETURNING d.id)
        {AuditReopened}
        """;

    private const string Reopened =
        """
        status = 'open', status_at = now(), status_by = @Actor, occurrences = d.occurrences + 1, last_at = now(),
        error_code = @ErrorCode, error_text = @ErrorText, attempts = greatest(d.attempts, @Attempts)
        """;

    private const string NoneOpen =
        """
        NOT EXISTS (SELECT FROM vq.dead_letters o WHERE o.dedup_key = d.dedup_key AND o.id <> d.id AND o.status IN ('open', 'replaying'))
        """;

    private const string AuditReopened =
        """
        INSERT INTO vq.dead_letter_audit (dead_letter_id, action, actor, detail)
        SELECT id, 'reopened', @Actor, jsonb_build_object('code', @ErrorCode::text) FROM letter
        RETURNING dead_letter_id
        """;
}
