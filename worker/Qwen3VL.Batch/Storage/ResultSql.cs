namespace Qwen3VL.Batch.Storage;

/// <summary>Statements that write the results of a chunk: one each, whatever the number of rows.</summary>
internal static class ResultSql
{
    /// <summary>Pages; before captions and boxes, which refer to them.</summary>
    public const string InsertPages =
        """
        INSERT INTO vq.pages (job_id, chunk_no, page_no, width_px, height_px, width_points, height_points, rotation, truncated, content_sha256, body)
        SELECT @JobId, @ChunkNo, r.* FROM unnest(@PageNos, @WidthsPx, @HeightsPx, @WidthsPoints, @HeightsPoints, @Rotations, @Truncated, @Hashes,
          @Bodies) AS r
        """;

    /// <summary>Captions.</summary>
    public const string InsertCaptions =
        "INSERT INTO vq.captions (job_id, chunk_no, page_no, body) SELECT @JobId, @ChunkNo, r.* FROM unnest(@PageNos, @Bodies) AS r";

    /// <summary>Boxes, each with the size of its page's raster.</summary>
    public const string InsertBoxes =
        """
        INSERT INTO vq.boxes (job_id, chunk_no, page_no, task, box_no, label, page_width_px, page_height_px, rel_x0, rel_y0, rel_x1, rel_y1,
          px_x0, px_y0, px_x1, px_y1, adjusted)
        SELECT @JobId, @ChunkNo, r.* FROM unnest(@PageNos, @Tasks, @BoxNos, @Labels, @Widths, @Heights, @RelX0, @RelY0, @RelX1, @RelY1,
          @PxX0, @PxY0, @PxX1, @PxY1, @Adjusted) AS r
        """;

    /// <summary>Segments.</summary>
    public const string InsertSegments =
        """
        INSERT INTO vq.segments (job_id, chunk_no, kind, segment_no, start_ms, end_ms, body, adjusted)
        SELECT @JobId, @ChunkNo, r.* FROM unnest(@Kinds, @SegmentNos, @StartMs, @EndMs, @Bodies, @Adjusted) AS r
        """;

    /// <summary>Partial summaries.</summary>
    public const string InsertSummaryParts =
        "INSERT INTO vq.summary_parts (job_id, chunk_no, level, part_no, body) SELECT @JobId, @ChunkNo, r.* FROM unnest(@Levels, @PartNos, @Bodies) AS r";

    /// <summary>The job's summary.</summary>
    public const string InsertSummary =
        "INSERT INTO vq.job_outputs (job_id, chunk_no, kind, body) VALUES (@JobId, @ChunkNo, 'summary', @Body)";

    /// <summary>Answers that could not be read.</summary>
    public const string InsertIssues =
        """
        INSERT INTO vq.parse_issues (job_id, chunk_no, issue_no, unit, task, code, message, raw_text)
        SELECT @JobId, @ChunkNo, r.* FROM unnest(@IssueNos, @Units, @Tasks, @Codes, @Messages, @RawTexts) AS r
        """;
}
