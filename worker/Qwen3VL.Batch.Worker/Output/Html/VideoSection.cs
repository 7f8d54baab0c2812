using System.Globalization;
using Qwen3VL.Batch.Media;
using Qwen3VL.Batch.Results;
using Qwen3VL.Batch.Storage;
using Qwen3VL.Batch.Worker.Output.Raster;
using Qwen3VL.Engine;

namespace Qwen3VL.Batch.Worker.Output.Html;

/// <summary>A video: a time line of its events, then each event and each window with frames and words.</summary>
internal sealed class VideoSection
{
    private const int FramesPerSegment = 4;
    private const int ThumbnailWidth = 224;
    private const int ThumbnailHeight = 168;

    // Frames are decoded one stretch after the other; past this a report of a long film would take longer than reading it.
    private const int MostIllustrated = 200;

    private readonly ReportImages _images;
    private readonly ReportMedia _media;
    private int _illustrated;

    /// <summary>Creates one.</summary>
    public VideoSection(ReportMedia media, ReportImages images)
    {
        _media = media;
        _images = images;
    }

    /// <summary>Writes all a video job found, but its summary.</summary>
    public async Task WriteAsync(HtmlPage html, JobResults results, SourceFile? source, CancellationToken cancellationToken)
    {
        SegmentResult[] events = [.. results.Segments.Where(segment => segment.Kind == SegmentKind.Event)];
        SegmentResult[] windows = [.. results.Segments.Where(segment => segment.Kind == SegmentKind.Window)];
        long durationMs = Math.Max(
            results.Job.Facts?.DurationMs ?? 0,
            results.Segments.Count == 0 ? 1 : results.Segments.Max(segment => segment.EndMs));
        if (source is null)
        {
            html.Constant("<p class=\"problem\">The source is not there any more, or is another file now: no frames.</p>");
        }

        WriteTimeline(html, events, windows, durationMs);
        await WriteSegmentsAsync(html, "Events", events, coloured: true, source, results, cancellationToken).ConfigureAwait(false);
        await WriteSegmentsAsync(
            html,
            "Windows and their captions",
            windows,
            coloured: false,
            source,
            results,
            cancellationToken).ConfigureAwait(false);
    }

    private static void WriteTimeline(HtmlPage html, SegmentResult[] events, SegmentResult[] windows, long durationMs)
    {
        html.Constant("<h3>Time line</h3><div class=\"timeline\">");
        // Overlapping segments go to further lanes, so that no bar hides another.
        foreach ((SegmentResult Segment, int Number)[] lane in Lanes(events))
        {
            html.Constant("<div class=\"lane\">");
            foreach ((SegmentResult segment, int number) in lane)
            {
                html.Markup($"<div class=\"bar\" title=\"{segment.Text}\" style=\"left:{Percent(segment.StartMs, durationMs)}%;width:{Percent(segment.EndMs - segment.StartMs, durationMs)}%;background:{BoxColours.Of(number).Css}\">{segment.Text}</div>");
            }

            html.Constant("</div>");
        }

        foreach ((SegmentResult Segment, int Number)[] lane in Lanes(windows))
        {
            html.Constant("<div class=\"lane\">");
            foreach ((SegmentResult segment, _) in lane)
            {
                html.Markup($"<div class=\"bar window\" title=\"{segment.Text}\" style=\"left:{Percent(segment.StartMs, durationMs)}%;width:{Percent(segment.EndMs - segment.StartMs, durationMs)}%\">{segment.Text}</div>");
            }

            html.Constant("</div>");
        }

        html.Constant("<div class=\"axis\">");
        const int Ticks = 8;
        for (int tick = 0; tick <= Ticks; tick++)
        {
            html.Markup($"<span style=\"left:{100.0 * tick / Ticks:0.##}%\">{Timecode.Seconds(durationMs * tick / Ticks)} s</span>");
        }

        html.Constant("</div></div>");
    }

    private static IEnumerable<(SegmentResult Segment, int Number)[]> Lanes(SegmentResult[] segments)
    {
        List<List<(SegmentResult Segment, int Number)>> lanes = [];
        for (int i = 0; i < segments.Length; i++)
        {
            List<(SegmentResult Segment, int Number)>? free = lanes.Find(lane => lane[^1].Segment.EndMs <= segments[i].StartMs);
            if (free is null)
            {
                lanes.Add(free = []);
            }

            free.Add((segments[i], i));
        }

        return lanes.Select(lane => lane.ToArray());
    }

    private async Task WriteSegmentsAsync(
        HtmlPage html, string title, SegmentResult[] segments, bool coloured, SourceFile? source, JobResults results, CancellationToken cancellationToken)
    {
        if (segments.Length == 0)
        {
            return;
        }

        html.Markup($"<h3>{title}</h3><table><thead><tr><th></th><th class=\"n\">start</th><th class=\"n\">end</th><th>what</th><th>frames</th></tr></thead><tbody>");
        for (int i = 0; i < segments.Length; i++)
        {
            SegmentResult segment = segments[i];
            html.Constant("<tr><td>");
            if (coloured)
            {
                html.Markup($"<span class=\"chip\" style=\"background:{BoxColours.Of(i).Css}\">{i + 1}</span>");
            }

            html.Markup($"</td><td class=\"n\">{Timecode.Seconds(segment.StartMs)} s</td><td class=\"n\">{Timecode.Seconds(segment.EndMs)} s</td><td>{segment.Text}")
                .Constant(segment.Adjusted ? " <span class=\"problem small\">repaired</span>" : "")
                .Constant("</td><td>");
            if (source is not null && _illustrated < MostIllustrated)
            {
                _illustrated++;
                await WriteStripAsync(html, results, source, segment, cancellationToken).ConfigureAwait(false);
            }

            html.Constant("</td></tr>");
        }

        html.Constant("</tbody></table>");
    }

    private async Task WriteStripAsync(
        HtmlPage html,
        JobResults results,
        SourceFile source,
        SegmentResult segment,
        CancellationToken cancellationToken)
    {
        html.Constant("<div class=\"strip\">");
        foreach ((RgbImage frame, double timeMs) in await _media.FramesAsync(
            source,
            segment,
            FramesPerSegment,
            cancellationToken).ConfigureAwait(false))
        {
            string name = _images.UniqueName(string.Create(CultureInfo.InvariantCulture, $"{SourceUrl.Display(results.Job.Source.Uri)}-{timeMs:0}-ms"));
            RgbImage thumbnail = PictureScaler.Fit(frame, ThumbnailWidth, ThumbnailHeight);
            html.Markup($"<figure><img alt=\"Frame at {Timecode.Seconds((long)timeMs)} s\" src=\"{_images.Source(thumbnail, name)}\"><figcaption>{Timecode.Seconds((long)timeMs)} s</figcaption></figure>");
        }

        html.Constant("</div>");
    }

    private static string Percent(long part, long whole) => (100.0 * part / whole).ToString("0.###", CultureInfo.InvariantCulture);
}
