using System.Globalization;
using System.Text;
using Qwen3VL.Batch.Media;
using Qwen3VL.Batch.Results;
using Qwen3VL.Batch.Storage;

namespace Qwen3VL.Batch.Worker.Output.Formats;

/// <summary>
/// Results as Markdown (CommonMark with tables). The page's text stands in fenced blocks, longer than any fence inside it, so that it
/// cannot become markup; elsewhere the characters with a meaning are escaped.
/// </summary>
internal sealed class MarkdownResultFormat : IResultFormat
{
    // With ':' and '@', which begin nothing by themselves: some readers make links of bare addresses.
    private const string Special = "\\`*_{}[]<>()#+-.!|~&:@";

    /// <inheritdoc/>
    public string Extension => ".md";

    /// <inheritdoc/>
    public void Write(JobResults results, TextWriter writer)
    {
        Line(writer, $"# {Escape(SourceUrl.Display(results.Job.Source.Uri))}");
        Line(writer, $"State: **{JobWords.State(results.Job.State)}**. Tasks: {Escape(JobWords.Tasks(results.Job.Tasks))}. Job `{results.Job.Id}`{(results.Job.ReplayOf is { } replayed ? $", replay of `{replayed}`" : "")}.");
        if (results.Job.Error is { } error)
        {
            Line(writer, $"Error `{error.Code}`: {Escape(error.Message)}");
        }

        if (results.Summary is { } summary)
        {
            Line(writer, "## Summary");
            Line(writer, Escape(summary));
        }

        foreach (PageResult page in results.Pages)
        {
            WritePage(results, page, writer);
        }

        WriteSegments(writer, "Events", results.Segments, SegmentKind.Event);
        WriteSegments(writer, "Windows", results.Segments, SegmentKind.Window);
        WriteProblems(results, writer);
        Line(writer, $"## Usage");
        Line(writer, Escape(ResultWords.Usage(results.Usage)));
    }

    /// <summary>Text that Markdown shows as it is, on one line.</summary>
    internal static string Escape(string text)
    {
        StringBuilder escaped = new(text.Length + 16);
        foreach (char c in SafeText.Line(text))
        {
            if (Special.Contains(c, StringComparison.Ordinal))
            {
                escaped.Append('\\');
            }

            escaped.Append(c);
        }

        return escaped.ToString();
    }

    private static void WritePage(JobResults results, PageResult page, TextWriter writer)
    {
        Line(writer, string.Create(CultureInfo.InvariantCulture, $"## Page {page.PageNo}"));
        Line(writer, string.Create(CultureInfo.InvariantCulture, $"{page.WidthPx} x {page.HeightPx} pixels{(page.Truncated ? ", text cut at the output limit" : "")}"));
        foreach (CaptionResult caption in results.Captions.Where(caption => caption.PageNo == page.PageNo))
        {
            Line(writer, Escape(caption.Text));
        }

        if (page.Text is { } text)
        {
            Fenced(writer, SafeText.Lines(text));
        }

        BoxResult[] boxes = [.. results.Boxes.Where(box => box.PageNo == page.PageNo)];
        if (boxes.Length > 0)
        {
            writer.Write("| # | task | label | left | top | right | bottom |\n|--:|---|---|--:|--:|--:|--:|\n");
            for (int i = 0; i < boxes.Length; i++)
            {
                BoxResult box = boxes[i];
                writer.Write(string.Create(
                    CultureInfo.InvariantCulture,
                    $"| {i + 1} | {JobWords.TaskKind(box.Task)} | {Escape(box.Label)} | {box.Pixels.X0:0} | {box.Pixels.Y0:0} | {box.Pixels.X1:0} | {box.Pixels.Y1:0} |\n"));
            }

            writer.Write('\n');
        }
    }

    private static void WriteSegments(TextWriter writer, string title, IReadOnlyList<SegmentResult> segments, SegmentKind kind)
    {
        SegmentResult[] ofKind = [.. segments.Where(segment => segment.Kind == kind)];
        if (ofKind.Length == 0)
        {
            return;
        }

        Line(writer, $"## {title}");
        writer.Write("| start (s) | end (s) | what |\n|--:|--:|---|\n");
        foreach (SegmentResult segment in ofKind)
        {
            writer.Write($"| {Timecode.Seconds(segment.StartMs)} | {Timecode.Seconds(segment.EndMs)} | {Escape(segment.Text)} |\n");
        }

        writer.Write('\n');
    }

    private static void WriteProblems(JobResults results, TextWriter writer)
    {
        if (results.FailedChunks.Count == 0 && results.Issues.Count == 0)
        {
            return;
        }

        Line(writer, "## Problems");
        foreach (FailedChunk failed in results.FailedChunks)
        {
            writer.Write($"- {Escape($"{ResultWords.Chunk(failed.Chunk)} given up: {failed.Error.Code}: {failed.Error.Message}")}\n");
        }

        foreach (ParseIssue issue in results.Issues)
        {
            writer.Write($"- {Escape(ResultWords.Issue(results.Job.Kind, issue))}\n");
        }

        writer.Write('\n');
    }

    private static void Fenced(TextWriter writer, string text)
    {
        int longest = 0;
        int run = 0;
        foreach (char c in text)
        {
            run = c == '`' ? run + 1 : 0;
            longest = Math.Max(longest, run);
        }

        string fence = new('`', Math.Max(3, longest + 1));
        writer.Write($"{fence}text\n{text}\n{fence}\n\n");
    }

    private static void Line(TextWriter writer, string text) => writer.Write($"{text}\n\n");
}
