using System.Globalization;
using Qwen3VL.Batch.Media;
using Qwen3VL.Batch.Results;
using Qwen3VL.Batch.Storage;

namespace Qwen3VL.Batch.Worker.Output.Formats;

/// <summary>Results for a person at a terminal. Text of model and document is stripped of control characters.</summary>
internal sealed class TextResultFormat : IResultFormat
{
    private const string Indent = "  ";

    /// <inheritdoc/>
    public string Extension => ".txt";

    /// <inheritdoc/>
    public void Write(JobResults results, TextWriter writer)
    {
        Line(writer, $"{SourceUrl.Display(results.Job.Source.Uri)}: {JobWords.State(results.Job.State)} ({JobWords.Tasks(results.Job.Tasks)})");
        if (results.Job.ReplayOf is { } replayed)
        {
            Line(writer, $"{Indent}replay of {replayed}");
        }

        if (results.Job.Error is { } error)
        {
            Line(writer, $"{Indent}{error.Code}: {error.Message}");
        }

        foreach (PageResult page in results.Pages)
        {
            WritePage(results, page, writer);
        }

        WriteSegments(writer, "Events", results.Segments, SegmentKind.Event);
        WriteSegments(writer, "Windows", results.Segments, SegmentKind.Window);
        if (results.Summary is { } summary)
        {
            Line(writer, "Summary");
            Block(writer, summary);
        }

        foreach (FailedChunk failed in results.FailedChunks)
        {
            Line(writer, $"Given up: {ResultWords.Chunk(failed.Chunk)}: {failed.Error.Code}: {failed.Error.Message}");
        }

        foreach (ParseIssue issue in results.Issues)
        {
            Line(writer, $"Note: {ResultWords.Issue(results.Job.Kind, issue)}");
        }

        Line(writer, ResultWords.Usage(results.Usage));
    }

    private static void WritePage(JobResults results, PageResult page, TextWriter writer)
    {
        Line(writer, string.Create(CultureInfo.InvariantCulture, $"Page {page.PageNo} ({page.WidthPx} x {page.HeightPx} px)"));
        if (page.Text is { } text)
        {
            Block(writer, text);
            if (page.Truncated)
            {
                Line(writer, $"{Indent}[cut at the output limit]");
            }
        }

        foreach (CaptionResult caption in results.Captions.Where(caption => caption.PageNo == page.PageNo))
        {
            Line(writer, $"{Indent}Caption: {caption.Text}");
        }

        int number = 0;
        foreach (BoxResult box in results.Boxes.Where(box => box.PageNo == page.PageNo))
        {
            Line(writer, $"{Indent}{ResultWords.Pixels(box.Pixels)}  {box.Label}  #{++number}{(box.Adjusted ? " (repaired)" : "")}");
        }
    }

    private static void WriteSegments(TextWriter writer, string title, IReadOnlyList<SegmentResult> segments, SegmentKind kind)
    {
        bool first = true;
        foreach (SegmentResult segment in segments.Where(segment => segment.Kind == kind))
        {
            if (first)
            {
                Line(writer, title);
                first = false;
            }

            string times = $"{Timecode.Seconds(segment.StartMs),6} s .. {Timecode.Seconds(segment.EndMs),6} s";
            Line(writer, $"{Indent}{times}  {segment.Text}{(segment.Adjusted ? " (repaired)" : "")}");
        }
    }

    private static void Block(TextWriter writer, string text)
    {
        foreach (string line in SafeText.Lines(text).Split('\n'))
        {
            writer.Write($"{Indent}{line}\n");
        }
    }

    private static void Line(TextWriter writer, string text) => writer.Write(SafeText.Line(text) + "\n");
}
