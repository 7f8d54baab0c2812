using System.Globalization;
using Qwen3VL.Batch.Media;
using Qwen3VL.Batch.Results;
using Qwen3VL.Batch.Storage;

namespace Qwen3VL.Batch.Worker.Output.Formats;

/// <summary>
/// Results as comma-separated values (RFC 4180, with a header line): one row for each page, caption, box, window, event and summary, and for what went
/// wrong. The columns are the same for every job; a later version may add some at the end.
/// </summary>
internal sealed class CsvResultFormat : IResultFormat
{
    private static readonly string[] Columns =
    [
        "job_id", "source", "kind", "page_no", "item_no", "task", "start_ms", "end_ms", "left", "top", "right", "bottom", "page_width", "page_height",
        "repaired", "truncated", "text",
    ];

    /// <inheritdoc/>
    public string Extension => ".csv";

    /// <inheritdoc/>
    public string Head => string.Join(',', Columns) + CsvCell.LineBreak;

    /// <inheritdoc/>
    public string Separator => "";

    /// <inheritdoc/>
    public void Write(JobResults results, TextWriter writer)
    {
        CsvRow job = new() { JobId = results.Job.Id, Source = SourceUrl.Display(results.Job.Source.Uri), Kind = "" };
        foreach (PageResult page in results.Pages)
        {
            WritePage(writer, results, job with { PageNo = page.PageNo, PageWidth = page.WidthPx, PageHeight = page.HeightPx }, page);
        }

        foreach (SegmentResult segment in results.Segments.Where(segment => segment.Kind is SegmentKind.Event or SegmentKind.Window))
        {
            Write(writer, job with
            {
                Kind = segment.Kind == SegmentKind.Event ? "event" : "window",
                ItemNo = segment.SegmentNo,
                StartMs = segment.StartMs,
                EndMs = segment.EndMs,
                Repaired = segment.Adjusted,
                Text = segment.Text,
            });
        }

        if (results.Summary is { } summary)
        {
            Write(writer, job with { Kind = "summary", Text = summary });
        }

        WriteProblems(writer, results, job);
    }

    private static void WritePage(TextWriter writer, JobResults results, CsvRow row, PageResult page)
    {
        Write(writer, row with { Kind = "page", Truncated = page.Truncated, Text = page.Text });
        foreach (CaptionResult caption in results.Captions.Where(caption => caption.PageNo == page.PageNo))
        {
            Write(writer, row with { Kind = "caption", Text = caption.Text });
        }

        foreach (BoxResult box in results.Boxes.Where(box => box.PageNo == page.PageNo))
        {
            Write(writer, row with
            {
                Kind = "box",
                ItemNo = box.BoxNo,
                Task = JobWords.TaskKind(box.Task),
                Box = box.Pixels,
                Repaired = box.Adjusted,
                Text = box.Label,
            });
        }
    }

    private static void WriteProblems(TextWriter writer, JobResults results, CsvRow job)
    {
        if (results.Job.Error is { } error)
        {
            Write(writer, job with { Kind = "error", Text = $"{error.Code}: {error.Message}" });
        }

        foreach (FailedChunk failed in results.FailedChunks)
        {
            Write(writer, job with { Kind = "failed_chunk", Text = $"{ResultWords.Chunk(failed.Chunk)}: {failed.Error.Code}: {failed.Error.Message}" });
        }

        foreach (ParseIssue issue in results.Issues)
        {
            Write(writer, job with { Kind = "issue", Task = JobWords.TaskKind(issue.Task), Text = ResultWords.Issue(results.Job.Kind, issue) });
        }
    }

    private static void Write(TextWriter writer, CsvRow row)
    {
        string?[] cells =
        [
            row.JobId.ToString(), CsvCell.Text(row.Source), row.Kind, Number(row.PageNo), Number(row.ItemNo), row.Task, Number(row.StartMs), Number(row.EndMs),
            Pixel(row.Box?.X0), Pixel(row.Box?.Y0), Pixel(row.Box?.X1), Pixel(row.Box?.Y1), Number(row.PageWidth), Number(row.PageHeight),
            Flag(row.Repaired), Flag(row.Truncated), CsvCell.Text(row.Text ?? ""),
        ];
        writer.Write(string.Join(',', cells) + CsvCell.LineBreak);
    }

    private static string? Number(int? value) => value?.ToString(CultureInfo.InvariantCulture);

    private static string? Pixel(double? value) => value?.ToString("0.##", CultureInfo.InvariantCulture);

    private static string? Flag(bool? value) => value switch
    {
        true => "true",
        false => "false",
        null => null,
    };
}
