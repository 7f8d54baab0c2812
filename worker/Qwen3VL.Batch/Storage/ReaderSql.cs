namespace Qwen3VL.Batch.Storage;

/// <summary>Statements that read.</summary>
internal static class ReaderSql
{
    /// <summary>The job of a key.</summary>
    public const string FindJob = "SELECT job_id FROM vq.idempotency_keys WHERE tenant_id = @TenantId AND idem_key = @Key";

    /// <summary>The last refusal of a key.</summary>
    public const string FindRejection =
        """
        SELECT code AS Code, message AS Message FROM vq.rejections WHERE tenant_id = @TenantId AND idem_key = @Key
        ORDER BY created_at DESC LIMIT 1
        """;

    /// <summary>The last refusal of one command: of its own body, or of one under its key that nobody could read.</summary>
    public const string FindCommandRejection =
        """
        SELECT code AS Code, message AS Message FROM vq.rejections
        WHERE tenant_id = @TenantId AND idem_key = @Key
          AND (request_hash = @Hash OR (request_hash = @UnreadHash AND created_at >= @UnreadSince))
        ORDER BY created_at DESC LIMIT 1
        """;

    /// <summary>A job, whoever owns it: for workers.</summary>
    public const string JobById = $"SELECT {JobRow.Columns} FROM vq.jobs WHERE id = @JobId";

    /// <summary>A job of a tenant.</summary>
    public const string Job = $"SELECT {JobRow.Columns} FROM vq.jobs WHERE id = @JobId AND tenant_id = @TenantId";

    /// <summary>Newest jobs of a tenant.</summary>
    public const string Jobs = $"SELECT {JobRow.Columns} FROM vq.jobs WHERE tenant_id = @TenantId ORDER BY id DESC LIMIT @Limit";

    /// <summary>Pages.</summary>
    public const string Pages =
        """
        SELECT page_no AS PageNo, width_px AS WidthPx, height_px AS HeightPx, rotation::int AS RotationDegrees, width_points AS WidthPoints,
          height_points AS HeightPoints, body AS Text, truncated AS Truncated, content_sha256 AS ContentSha256
        FROM vq.pages WHERE job_id = @JobId ORDER BY page_no
        """;

    /// <summary>Captions.</summary>
    public const string Captions = "SELECT page_no AS PageNo, body AS Text FROM vq.captions WHERE job_id = @JobId ORDER BY page_no";

    /// <summary>Boxes.</summary>
    public const string Boxes =
        """
        SELECT page_no AS PageNo, task, box_no AS BoxNo, label, rel_x0 AS RelX0, rel_y0 AS RelY0, rel_x1 AS RelX1, rel_y1 AS RelY1,
          px_x0 AS PxX0, px_y0 AS PxY0, px_x1 AS PxX1, px_y1 AS PxY1, adjusted
        FROM vq.boxes WHERE job_id = @JobId ORDER BY page_no, task, box_no
        """;

    /// <summary>Segments.</summary>
    public const string Segments =
        """
        SELECT kind, segment_no AS SegmentNo, start_ms AS StartMs, end_ms AS EndMs, body AS Text, adjusted
        FROM vq.segments WHERE job_id = @JobId ORDER BY kind, start_ms, end_ms, chunk_no, segment_no
        """;

    /// <summary>Partial summaries.</summary>
    public const string SummaryParts =
        "SELECT level::int AS Level, part_no AS PartNo, body AS Text FROM vq.summary_parts WHERE job_id = @JobId ORDER BY level, part_no";

    /// <summary>The summary of the whole.</summary>
    public const string Summary = "SELECT body FROM vq.job_outputs WHERE job_id = @JobId AND kind = 'summary' ORDER BY version DESC LIMIT 1";

    /// <summary>Answers that could not be read.</summary>
    public const string Issues =
        """
        SELECT unit, task, code, message, raw_text AS RawText FROM vq.parse_issues WHERE job_id = @JobId ORDER BY chunk_no, issue_no
        """;

    /// <summary>Chunks that were given up.</summary>
    public const string FailedChunks =
        """
        SELECT chunk_no AS ChunkNo, kind, stage, first_unit AS FirstUnit, last_unit AS LastUnit, error_code AS ErrorCode,
          error_message AS ErrorMessage
        FROM vq.chunks WHERE job_id = @JobId AND outcome = 'failed' ORDER BY chunk_no
        """;

    /// <summary>Sum over billable chunks; one row always.</summary>
    public const string Usage =
        """
        SELECT coalesce(sum(requests), 0)::int AS Requests, coalesce(sum(prompt_tokens), 0)::bigint AS PromptTokens,
          coalesce(sum(cached_tokens), 0)::bigint AS CachedTokens, coalesce(sum(image_tokens), 0)::bigint AS ImageTokens,
          coalesce(sum(output_tokens), 0)::bigint AS OutputTokens, coalesce(sum(engine_us), 0)::bigint AS EngineMicroseconds
        FROM vq.usage_records WHERE job_id = @JobId AND billable
        """;
}
