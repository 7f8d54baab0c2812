namespace Qwen3VL.Batch.Storage;

/// <summary>Statements that look at dead letters, replay and discard them. Every one that people can reach names the tenant.</summary>
internal static class DeadLetterReplaySql
{
    /// <summary>The columns of <see cref="StoredDeadLetter"/>, for a select from <c>vq.dead_letters</c>.</summary>
    public const string Columns =
        """
        id AS Id, source AS Source, tenant_id AS TenantId, job_id AS JobId, chunk_no AS ChunkNo, queue AS Queue, message_type AS MessageType,
        headers::text AS Headers, body::text AS Body, body_raw AS BodyRaw, error_code AS ErrorCode, error_text AS ErrorText,
        attempts AS Attempts, occurrences AS Occurrences, first_at AS FirstAt, last_at AS LastAt, status AS Status, status_at AS StatusAt,
        status_by AS StatusBy, replay_count AS ReplayCount, replay_job_id AS ReplayJobId, dedup_key AS DedupKey
        """;

    /// <summary>Dead letters of a tenant, newest first.</summary>
    public const string List =
        $"""
        SELECT {Columns} FROM vq.dead_letters
        WHERE tenant_id = @TenantId
          AND (@Ids::uuid[] IS NULL OR id = ANY(@Ids::uuid[]))
          AND (@Status::text IS NULL OR status = @Status)
          AND (@Code::text IS NULL OR error_code = @Code)
          AND (@JobId::uuid IS NULL OR job_id = @JobId)
          AND (@Source::text IS NULL OR source = @Source)
          AND (@Since::timestamptz IS NULL OR last_at >= @Since)
        ORDER BY last_at DESC, id DESC LIMIT @Limit
        """;

    /// <summary>What was done to one dead letter, in order.</summary>
    public const string Audit =
        """
        SELECT a.at AS At, a.action AS Action, a.actor AS Actor, a.detail::text AS Detail
        FROM vq.dead_letter_audit a JOIN vq.dead_letters d ON d.id = a.dead_letter_id
        WHERE d.id = @Id AND d.tenant_id = @TenantId ORDER BY a.id
        """;

    /// <summary>
    /// Takes open dead letters for a replay: THE compare-and-set of replays. Who comes second waits for the lock and finds them closed. Rows in
    /// one order, because two replays may want the same ones.
    /// </summary>
    public const string Take =
        $"""
        WITH picked AS MATERIALIZED (
          SELECT p.id FROM vq.dead_letters p
          WHERE p.id = ANY(@Ids) AND p.tenant_id = @TenantId AND p.status = 'open' AND p.replay_count < @MaxReplays
          ORDER BY p.id FOR UPDATE)
        UPDATE vq.dead_letters SET status = 'replaying', status_at = now(), status_by = @Actor, replay_count = replay_count + 1
        WHERE id IN (SELECT p.id FROM picked p)
        RETURNING {Columns}
        """;

    /// <summary>Closes what was taken.</summary>
    public const string Close =
        """
        UPDATE vq.dead_letters SET status = 'replayed', status_at = now(), replay_job_id = @ReplayJobId
        WHERE id = ANY(@Ids) AND status = 'replaying'
        """;

    /// <summary>The dead letters that a follow-up job replays, locked: before the work and the job itself, as everywhere.</summary>
    public const string LockReplayed =
        "SELECT id FROM vq.dead_letters WHERE replay_job_id = @JobId AND status = 'replayed' ORDER BY id FOR UPDATE";

    /// <summary>
    /// Opens those again that nothing answers for: their follow-up job ended without a plan, or was cancelled before it came to all of the
    /// chunk (a replay may cut one of pages into several; windows overlap, and are never cut). A chunk that was given up anew has a dead letter
    /// of its own. Each keeps its own error.
    /// </summary>
    public const string Reopen =
        """
        WITH undone AS (
          UPDATE vq.dead_letters d SET status = 'open', status_at = now(), status_by = @Actor
          WHERE d.id = ANY(@Ids) AND d.status = 'replayed' AND (
            NOT EXISTS (SELECT FROM vq.chunks c WHERE c.job_id = @JobId)
            OR EXISTS (
              SELECT FROM vq.chunks o
              JOIN vq.chunks c ON c.kind = o.kind AND (
                c.chunk_no = o.chunk_no OR (o.kind = @Pages AND c.first_unit <= o.last_unit AND c.last_unit >= o.first_unit))
              WHERE o.job_id = d.job_id AND o.chunk_no = d.chunk_no AND c.job_id = @JobId AND c.outcome <> 'succeeded'
                AND NOT EXISTS (SELECT FROM vq.dead_letters n WHERE n.job_id = @JobId AND n.chunk_no = c.chunk_no)))
          RETURNING d.id)
        INSERT INTO vq.dead_letter_audit (dead_letter_id, action, actor, detail)
        SELECT id, 'reopened', @Actor, @Detail::jsonb FROM undone
        """;

    /// <summary>An audit row for each of several dead letters.</summary>
    public const string InsertAudit =
        """
        INSERT INTO vq.dead_letter_audit (dead_letter_id, action, actor, detail)
        SELECT i.id, @Action, @Actor, @Detail::jsonb FROM unnest(@Ids) AS i(id)
        """;

    /// <summary>Gives open dead letters up for good.</summary>
    public const string Discard =
        """
        WITH picked AS MATERIALIZED (
          SELECT id FROM vq.dead_letters WHERE id = ANY(@Ids) AND tenant_id = @TenantId AND status = 'open' ORDER BY id FOR UPDATE)
        UPDATE vq.dead_letters d SET status = 'discarded', status_at = now(), status_by = @Actor FROM picked p WHERE d.id = p.id
        RETURNING d.id
        """;

    /// <summary>Keeps months from being dropped until the transaction ends.</summary>
    public const string KeepMonths = "SELECT pg_advisory_xact_lock_shared(@Number)";

    /// <summary>
    /// Whether anything is gone of what a follow-up job builds on: the job itself, the one that it replays, and so on, of which one may be of a
    /// month that was dropped, or is being dropped.
    /// </summary>
    public const string IsBasisGone =
        """
        WITH RECURSIVE line AS (
          SELECT @JobId::uuid AS id
          UNION
          SELECT j.replay_of FROM line l JOIN vq.jobs j ON j.id = l.id WHERE j.replay_of IS NOT NULL)
        SELECT EXISTS (
          SELECT FROM line l
          WHERE NOT EXISTS (SELECT FROM vq.jobs j WHERE j.id = l.id)
            OR EXISTS (
              SELECT FROM vq.dropped_months m
              WHERE l.id >= vq.uuid7_floor(m.month::timestamp AT TIME ZONE 'UTC')
                AND l.id < vq.uuid7_floor((m.month + interval '1 month') AT TIME ZONE 'UTC')))
        """;

    /// <summary>A follow-up job: the job's own row with other options, of the very file that it read.</summary>
    public const string InsertFollowUp =
        """
        INSERT INTO vq.jobs (id, tenant_id, priority, kind, idem_key, source_uri, source_sha256, tasks, options, replay_of, replay_chunks)
        SELECT @FollowUpId, j.tenant_id, j.priority, j.kind, @Key, j.source_uri, coalesce(j.facts->>'sha256', j.source_sha256), j.tasks,
          @Options::jsonb, j.id, @Chunks
        FROM vq.jobs j WHERE j.id = @JobId AND j.tenant_id = @TenantId
        RETURNING created_at
        """;

    /// <summary>A command that is sent again, with an id of its own.</summary>
    public const string InsertCommand =
        """
        INSERT INTO vq.outbox (message_type, body, destination, headers) VALUES (@MessageType, @Body::jsonb, @Destination, @Headers::jsonb)
        RETURNING id
        """;

    /// <summary>An event that is sent again under its own id: whoever got it already drops it.</summary>
    public const string InsertEvent =
        """
        INSERT INTO vq.outbox (id, job_id, message_type, body, destination, headers)
        VALUES (@MessageId, @JobId, @MessageType, @Body::jsonb, @Destination, coalesce(@Headers::jsonb, '{}')) ON CONFLICT (id) DO NOTHING
        RETURNING id
        """;
}
