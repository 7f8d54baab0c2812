namespace Qwen3VL.Batch.Storage;

/// <summary>Statements that start and end chunks.</summary>
internal static class ChunkSql
{
    private const string IsOpenAndHeld =
        """
        c.job_id = @JobId AND c.chunk_no = @ChunkNo AND c.outcome IS NULL
          AND EXISTS (
            SELECT FROM vq.work w
            WHERE w.job_id = @JobId AND w.group_no = @GroupNo AND w.fence = @Fence AND w.lease_owner = @WorkerId
              AND c.group_no = w.group_no AND c.chunk_no BETWEEN w.first_chunk AND w.last_chunk)
        """;

    // A claim answers for a chunk once: with its end, or with a failure after which it stays open.
    private const string IsUnanswered = $"{IsOpenAndHeld} AND c.fence IS DISTINCT FROM @Fence";

    /// <summary>The chunks of a held group that have not ended. A chunk in quarantine has left its group, though it stands in its range.</summary>
    public const string Open =
        """
        SELECT c.chunk_no AS ChunkNo, c.kind AS Kind, c.stage AS Stage, c.first_unit AS FirstUnit, c.last_unit AS LastUnit, c.starts AS Starts,
          c.failures AS Failures, c.lost_starts AS LostStarts, c.degradation AS Degradation, c.error_code AS ErrorCode,
          c.not_before IS NULL OR c.not_before <= now() AS IsDue
        FROM vq.work w JOIN vq.chunks c ON c.job_id = w.job_id AND c.chunk_no BETWEEN w.first_chunk AND w.last_chunk AND c.group_no = w.group_no
        WHERE w.job_id = @JobId AND w.group_no = @GroupNo AND w.fence = @Fence AND w.lease_owner = @WorkerId
          AND c.job_id = @JobId AND c.outcome IS NULL
        ORDER BY c.chunk_no
        """;

    /// <summary>
    /// Evidence that survives the process: the chunk is begun under this claim. A repeat under the same claim counts nothing again.
    /// </summary>
    public const string Start =
        $"""
        UPDATE vq.chunks c SET starts = least(c.starts + CASE WHEN c.start_fence = @Fence THEN 0 ELSE 1 END, 32767), start_fence = @Fence,
          started_at = clock_timestamp(), not_before = NULL
        WHERE {IsOpenAndHeld}
        """;

    /// <summary>
    /// THE compare-and-set: an open chunk of a group that the caller holds ends, once. No row: it had ended, the lease is another's, or this
    /// claim has answered for it. A lease whose time ran out but that nobody took back is still the caller's.
    /// </summary>
    public const string End =
        $"""
        UPDATE vq.chunks c SET outcome = @Outcome, finished_at = clock_timestamp(), fence = @Fence, failures = least(c.failures + @Failures, 32767),
          error_code = @Code, error_message = @Message, not_before = NULL
        WHERE {IsUnanswered}
        RETURNING c.stage
        """;

    /// <summary>What the dead letter of a chunk that has just been given up tells.</summary>
    public const string GivenUp =
        """
        SELECT c.starts::int AS Attempts, j.tenant_id AS TenantId, c.error_code AS ErrorCode, c.error_message AS ErrorText, now() AS At,
          j.cancel_at IS NOT NULL AS IsCancelled,
          (SELECT coalesce(max(l.replay_count), 0) FROM vq.dead_letters l WHERE l.replay_job_id = @JobId) AS Replays
        FROM vq.chunks c JOIN vq.jobs j ON j.id = c.job_id
        WHERE c.job_id = @JobId AND c.chunk_no = @ChunkNo AND j.id = @JobId AND c.outcome = 'failed'
        """;

    /// <summary>
    /// An execution failed and the chunk stays open: answered for, so no evidence of a crash is left. Its error is kept until it ends. The
    /// repeat of a commit whose reply was lost finds its own fence.
    /// </summary>
    public const string Retry =
        $"""
        UPDATE vq.chunks c SET start_fence = NULL, fence = @Fence, failures = least(c.failures + @Failures, 32767),
          degradation = least(c.degradation + @Steps, 32767), not_before = now() + make_interval(secs => @DelaySeconds),
          error_code = @Code, error_message = @Message
        WHERE {IsUnanswered}
        RETURNING c.stage
        """;

    /// <summary>History of this execution; a repeat of the same claim adds nothing.</summary>
    public const string InsertAttempt =
        """
        INSERT INTO vq.chunk_attempts (job_id, chunk_no, fence, worker_id, started_at, start_no, outcome, error_code, error_message)
        SELECT job_id, chunk_no, @Fence, @WorkerId, coalesce(started_at, now()), starts, @Outcome, @Code, @Message
        FROM vq.chunks WHERE job_id = @JobId AND chunk_no = @ChunkNo
        ON CONFLICT DO NOTHING
        """;

    /// <summary>Tokens of this execution, and their cost at the price that holds now; a repeat of the same claim adds nothing.</summary>
    public const string InsertUsage =
        """
        INSERT INTO vq.usage_records (job_id, chunk_no, fence, tenant_id, engine_us, prompt_tokens, cached_tokens, image_tokens, output_tokens,
          requests, billable, price_version, cost_nano)
        SELECT @JobId, @ChunkNo, @Fence, j.tenant_id, @EngineMicroseconds, @PromptTokens, @CachedTokens, @ImageTokens, @OutputTokens, @Requests,
          @Billable, p.version, (@PromptTokens - @CachedTokens) * p.nano_per_prompt_token + @CachedTokens * p.nano_per_cached_token
            + @OutputTokens * p.nano_per_output_token + round(@EngineMicroseconds * p.nano_per_engine_second::numeric / 1000000)::bigint
        FROM vq.jobs j LEFT JOIN LATERAL (
          SELECT * FROM vq.price_list WHERE valid_from <= now() ORDER BY valid_from DESC LIMIT 1) p ON true
        WHERE j.id = @JobId
        ON CONFLICT DO NOTHING
        """;

    /// <summary>One more chunk of a stage ended; true when it was the last.</summary>
    public const string EndOfStage =
        "UPDATE vq.job_stages SET ended = ended + 1 WHERE job_id = @JobId AND stage = @Stage RETURNING ended = total";

    /// <summary>The groups of the next stage become ready; rows in order of number.</summary>
    public const string ReleaseNextStage =
        """
        WITH next AS MATERIALIZED (
          SELECT job_id, group_no FROM vq.work
          WHERE job_id = @JobId AND stage = (SELECT min(stage) FROM vq.job_stages WHERE job_id = @JobId AND stage > @Stage)
          ORDER BY group_no FOR NO KEY UPDATE)
        UPDATE vq.work w SET waiting = false, run_at = now() FROM next n WHERE w.job_id = n.job_id AND w.group_no = n.group_no
        """;

    /// <summary>Counts the chunk in the job, and says whether this transaction tells of the progress.</summary>
    public const string Count =
        $"""
        UPDATE vq.jobs SET done_chunks = done_chunks + @Done, failed_chunks = failed_chunks + @Failed,
          progress_at = CASE WHEN progress_at IS NULL OR progress_at <= now() - interval '1 second' THEN now() ELSE progress_at END
        WHERE id = @JobId
        RETURNING {JobCounts.Columns}
        """;

    /// <summary>
    /// The final state of a job whose chunks have all ended. All failed: the first chunk's error. Some failed: partial. The counters row is
    /// locked since <see cref="Count"/>, so exactly one transaction sees the last chunk.
    /// </summary>
    public const string EndJob =
        $"""
        UPDATE vq.jobs j SET finished_at = now(),
          state = CASE WHEN j.failed_chunks = 0 THEN 'succeeded' WHEN j.done_chunks = 0 THEN 'failed' ELSE 'partial' END,
          error_code = CASE WHEN j.failed_chunks = 0 THEN NULL WHEN j.done_chunks = 0 THEN f.error_code ELSE @PartialCode END,
          error_message = CASE WHEN j.failed_chunks = 0 THEN NULL WHEN j.done_chunks = 0 THEN f.error_message
            ELSE format('%s of %s chunks were given up, the first with %s', j.failed_chunks, j.total_chunks, f.error_code) END
        FROM (SELECT 1) one LEFT JOIN LATERAL (
          SELECT c.error_code, c.error_message FROM vq.chunks c
          WHERE c.job_id = @JobId AND c.outcome = 'failed' ORDER BY c.chunk_no LIMIT 1) f ON true
        WHERE j.id = @JobId AND j.state = 'running' AND j.done_chunks + j.failed_chunks = j.total_chunks
        RETURNING j.id, j.tenant_id AS TenantId, j.state, j.total_chunks AS TotalChunks, j.done_chunks AS DoneChunks,
          j.failed_chunks AS FailedChunks, j.error_code AS ErrorCode, j.error_message AS ErrorMessage, false AS ProgressDue, now() AS At
        """;

    /// <summary>
    /// Partial summaries of a level. A follow-up job reads its own first, and what it did not do anew from the job that it replays, and so on.
    /// </summary>
    public const string SummaryParts =
        $"""
        {Line}
        SELECT DISTINCT ON (p.part_no) p.level::int AS Level, p.part_no AS PartNo, p.body AS Text
        FROM line l JOIN vq.summary_parts p ON p.job_id = l.id
        WHERE p.level = @Level AND p.part_no BETWEEN @FirstPart AND @LastPart ORDER BY p.part_no, l.depth
        """;

    /// <summary>All events as the windows saw them; of a window that was done anew, what the last doing saw.</summary>
    public const string WindowEvents =
        $"""
        {Line}
        SELECT s.kind, s.segment_no AS SegmentNo, s.start_ms AS StartMs, s.end_ms AS EndMs, s.body AS Text, s.adjusted
        FROM (
          SELECT w.*, rank() OVER (PARTITION BY w.chunk_no ORDER BY l.depth) AS age
          FROM line l JOIN vq.segments w ON w.job_id = l.id AND w.kind = 'windowEvent') s
        WHERE s.age = 1 ORDER BY s.start_ms, s.end_ms, s.chunk_no, s.segment_no
        """;

    /// <summary>The chunks of a job as they were planned.</summary>
    public const string Planned =
        """
        SELECT chunk_no AS ChunkNo, kind AS Kind, stage AS Stage, first_unit AS FirstUnit, last_unit AS LastUnit
        FROM vq.chunks WHERE job_id = @JobId ORDER BY chunk_no
        """;

    // A job, the job that it replays, and so on; a chain of a hundred is a mistake somewhere, not somebody's patience.
    private const string Line =
        """
        WITH RECURSIVE line AS (
          SELECT j.id, j.replay_of, 0 AS depth FROM vq.jobs j WHERE j.id = @JobId
          UNION ALL
          SELECT b.id, b.replay_of, l.depth + 1 FROM line l JOIN vq.jobs b ON b.id = l.replay_of WHERE l.depth < 100)
        """;
}
