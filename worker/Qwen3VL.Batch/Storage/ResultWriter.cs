using Qwen3VL.Batch.Results;

namespace Qwen3VL.Batch.Storage;

/// <summary>Writes a chunk's results inside the transaction that ends it. Every text passes <see cref="StoredText"/> here and nowhere else.</summary>
internal static class ResultWriter
{
    /// <summary>Writes everything in the result but the usage.</summary>
    /// <exception cref="ArgumentException">A box or caption is on a page that the result does not hold.</exception>
    public static async Task WriteAsync(LedgerSession session, Guid jobId, int chunkNo, ChunkResult result)
    {
        await WritePagesAsync(session, jobId, chunkNo, result).ConfigureAwait(false);
        await WriteBoxesAsync(session, jobId, chunkNo, result).ConfigureAwait(false);
        await WriteSegmentsAsync(session, jobId, chunkNo, result.Segments).ConfigureAwait(false);
        await WriteSummariesAsync(session, jobId, chunkNo, result).ConfigureAwait(false);
        await WriteIssuesAsync(session, jobId, chunkNo, result.Issues).ConfigureAwait(false);
    }

    private static async Task WritePagesAsync(LedgerSession session, Guid jobId, int chunkNo, ChunkResult result)
    {
        IReadOnlyList<PageResult> pages = result.Pages;
        if (pages.Count > 0)
        {
            var rows = new
            {
                JobId = jobId,
                ChunkNo = chunkNo,
                PageNos = pages.Select(page => page.PageNo).ToArray(),
                WidthsPx = pages.Select(page => page.WidthPx).ToArray(),
                HeightsPx = pages.Select(page => page.HeightPx).ToArray(),
                WidthsPoints = pages.Select(page => page.WidthPoints).ToArray(),
                HeightsPoints = pages.Select(page => page.HeightPoints).ToArray(),
                Rotations = pages.Select(page => (short)page.RotationDegrees).ToArray(),
                Truncated = pages.Select(page => page.Truncated).ToArray(),
                Hashes = pages.Select(page => page.ContentSha256).ToArray(),
                Bodies = pages.Select(page => Body(page.Text)).ToArray(),
            };
            await session.ExecuteAsync(ResultSql.InsertPages, rows).ConfigureAwait(false);
        }

        if (result.Captions.Count > 0)
        {
            var rows = new
            {
                JobId = jobId,
                ChunkNo = chunkNo,
                PageNos = result.Captions.Select(caption => caption.PageNo).ToArray(),
                Bodies = result.Captions.Select(caption => Body(caption.Text)).ToArray(),
            };
            await session.ExecuteAsync(ResultSql.InsertCaptions, rows).ConfigureAwait(false);
        }
    }

    private static async Task WriteBoxesAsync(LedgerSession session, Guid jobId, int chunkNo, ChunkResult result)
    {
        IReadOnlyList<BoxResult> boxes = result.Boxes;
        if (boxes.Count == 0)
        {
            return;
        }

        PageResult[] pages = [.. boxes.Select(box => PageOf(result, box.PageNo))];
        var rows = new
        {
            JobId = jobId,
            ChunkNo = chunkNo,
            PageNos = boxes.Select(box => box.PageNo).ToArray(),
            Tasks = boxes.Select(box => StoredWord.Of(box.Task)).ToArray(),
            BoxNos = boxes.Select(box => box.BoxNo).ToArray(),
            Labels = boxes.Select(box => StoredText.Clean(box.Label, StoredText.LabelLength)).ToArray(),
            Widths = pages.Select(page => page.WidthPx).ToArray(),
            Heights = pages.Select(page => page.HeightPx).ToArray(),
            RelX0 = boxes.Select(box => box.Relative.X0).ToArray(),
            RelY0 = boxes.Select(box => box.Relative.Y0).ToArray(),
            RelX1 = boxes.Select(box => box.Relative.X1).ToArray(),
            RelY1 = boxes.Select(box => box.Relative.Y1).ToArray(),
            PxX0 = boxes.Select(box => box.Pixels.X0).ToArray(),
            PxY0 = boxes.Select(box => box.Pixels.Y0).ToArray(),
            PxX1 = boxes.Select(box => box.Pixels.X1).ToArray(),
            PxY1 = boxes.Select(box => box.Pixels.Y1).ToArray(),
            Adjusted = boxes.Select(box => box.Adjusted).ToArray(),
        };
        await session.ExecuteAsync(ResultSql.InsertBoxes, rows).ConfigureAwait(false);
    }

    private static async Task WriteSegmentsAsync(LedgerSession session, Guid jobId, int chunkNo, IReadOnlyList<SegmentResult> segments)
    {
        if (segments.Count == 0)
        {
            return;
        }

        var rows = new
        {
            JobId = jobId,
            ChunkNo = chunkNo,
            Kinds = segments.Select(segment => StoredWord.Of(segment.Kind)).ToArray(),
            SegmentNos = segments.Select(segment => segment.SegmentNo).ToArray(),
            StartMs = segments.Select(segment => segment.StartMs).ToArray(),
            EndMs = segments.Select(segment => segment.EndMs).ToArray(),
            Bodies = segments.Select(segment => Body(segment.Text)).ToArray(),
            Adjusted = segments.Select(segment => segment.Adjusted).ToArray(),
        };
        await session.ExecuteAsync(ResultSql.InsertSegments, rows).ConfigureAwait(false);
    }

    private static async Task WriteSummariesAsync(LedgerSession session, Guid jobId, int chunkNo, ChunkResult result)
    {
        if (result.SummaryParts.Count > 0)
        {
            var rows = new
            {
                JobId = jobId,
                ChunkNo = chunkNo,
                Levels = result.SummaryParts.Select(part => (short)part.Level).ToArray(),
                PartNos = result.SummaryParts.Select(part => part.PartNo).ToArray(),
                Bodies = result.SummaryParts.Select(part => Body(part.Text)).ToArray(),
            };
            await session.ExecuteAsync(ResultSql.InsertSummaryParts, rows).ConfigureAwait(false);
        }

        if (result.JobSummary is not null)
        {
            var summary = new { JobId = jobId, ChunkNo = chunkNo, Body = Body(result.JobSummary) };
            await session.ExecuteAsync(ResultSql.InsertSummary, summary).ConfigureAwait(false);
        }
    }

    private static async Task WriteIssuesAsync(LedgerSession session, Guid jobId, int chunkNo, IReadOnlyList<ParseIssue> issues)
    {
        if (issues.Count == 0)
        {
            return;
        }

        var rows = new
        {
            JobId = jobId,
            ChunkNo = chunkNo,
            IssueNos = Enumerable.Range(0, issues.Count).ToArray(),
            Units = issues.Select(issue => issue.Unit).ToArray(),
            Tasks = issues.Select(issue => StoredWord.Of(issue.Task)).ToArray(),
            Codes = issues.Select(issue => StoredText.Clean(issue.Code, StoredText.CodeLength)).ToArray(),
            Messages = issues.Select(issue => StoredText.Clean(issue.Message, StoredText.MessageLength)).ToArray(),
            RawTexts = issues.Select(issue => Body(issue.RawText)).ToArray(),
        };
        await session.ExecuteAsync(ResultSql.InsertIssues, rows).ConfigureAwait(false);
    }

    private static string? Body(string? text) => StoredText.Clean(text, StoredText.BodyLength);

    private static PageResult PageOf(ChunkResult result, int pageNo) => result.Pages.FirstOrDefault(page => page.PageNo == pageNo)
        ?? throw new ArgumentException($"the page of a box must be among the chunk's pages; got page {pageNo}", nameof(result));
}
