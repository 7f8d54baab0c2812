using System.Globalization;
using Qwen3VL.Batch.Media;
using Qwen3VL.Batch.Results;
using Qwen3VL.Batch.Storage;
using Qwen3VL.Batch.Worker.Output.Raster;
using Qwen3VL.Engine;

namespace Qwen3VL.Batch.Worker.Output.Html;

/// <summary>The pages of a document: each with its boxes on the left, what was read of it on the right.</summary>
internal sealed class DocumentSection
{
    private readonly ReportImages _images;
    private readonly ReportMedia _media;

    /// <summary>Creates one.</summary>
    public DocumentSection(ReportMedia media, ReportImages images)
    {
        _media = media;
        _images = images;
    }

    /// <summary>Writes all pages of a job.</summary>
    public async Task WriteAsync(HtmlPage html, JobResults results, SourceFile? source, CancellationToken cancellationToken)
    {
        ILookup<int, BoxResult> boxes = results.Boxes.ToLookup(box => box.PageNo);
        ILookup<int, CaptionResult> captions = results.Captions.ToLookup(caption => caption.PageNo);
        foreach (PageResult page in results.Pages)
        {
            BoxResult[] ofPage = [.. boxes[page.PageNo]];
            RgbImage? raster = source is null ? null : await _media.PageAsync(source, results, page, cancellationToken).ConfigureAwait(false);
            html.Constant(ofPage.Length == 0 ? "<div class=\"page plain\">" : "<div class=\"page\">");
            WriteFigure(html, results, page, ofPage, raster);
            html.Constant("<div>");
            foreach (CaptionResult caption in captions[page.PageNo])
            {
                html.Markup($"<h3>Caption</h3><blockquote>{caption.Text}</blockquote>");
            }

            if (page.Text is { } text)
            {
                html.Markup($"<h3>Text</h3><pre>{text}</pre>");
                if (page.Truncated)
                {
                    html.Constant("<p class=\"problem small\">Cut at the output limit.</p>");
                }
            }

            WriteBoxes(html, ofPage);
            html.Constant("</div></div>");
        }
    }

    private void WriteFigure(HtmlPage html, JobResults results, PageResult page, BoxResult[] boxes, RgbImage? raster)
    {
        html.Constant("<figure>");
        if (raster is null)
        {
            html.Constant("<p class=\"problem\">The source is not there any more, or is another file now: no picture.</p>");
        }
        else
        {
            string name = _images.UniqueName(string.Create(CultureInfo.InvariantCulture, $"{SourceUrl.Display(results.Job.Source.Uri)}-page-{page.PageNo:0000}"));
            html.Markup($"<div class=\"raster\"><img alt=\"Page {page.PageNo}\" width=\"{page.WidthPx}\" height=\"{page.HeightPx}\" src=\"{_images.Source(raster, name)}\">");
            WriteOverlay(html, page, boxes);
            html.Constant("</div>");
            html.Markup($"<figcaption>Page {page.PageNo}, {page.WidthPx} × {page.HeightPx} px.");
            string drawn = _images.Save(BoxPainter.Paint(raster, boxes), name);
            if (boxes.Length > 0)
            {
                html.Markup($" <a href=\"{drawn}\">Picture with boxes</a>");
            }

            html.Constant("</figcaption>");
        }

        html.Constant("</figure>");
    }

    // Coordinates are the page's pixels; the browser scales them together with the picture. Strokes and tags keep their size on paper.
    private static void WriteOverlay(HtmlPage html, PageResult page, BoxResult[] boxes)
    {
        html.Markup($"<svg viewBox=\"0 0 {page.WidthPx} {page.HeightPx}\" preserveAspectRatio=\"none\" role=\"img\" aria-label=\"{boxes.Length} boxes\">");
        double scale = Math.Max(page.WidthPx, page.HeightPx) / 640.0;
        for (int i = 0; i < boxes.Length; i++)
        {
            BoxEdges box = boxes[i].Pixels;
            string colour = BoxColours.Of(i).Css;
            string number = (i + 1).ToString(CultureInfo.InvariantCulture);
            double tagWidth = ((number.Length * 7) + 6) * scale;
            double tagHeight = 14 * scale;
            double tagTop = Math.Max(0, box.Y0 - tagHeight);
            html.Markup($"<g><title>{number}: {boxes[i].Label}</title>")
                .Markup($"<rect class=\"box\" x=\"{box.X0:0.##}\" y=\"{box.Y0:0.##}\" width=\"{box.X1 - box.X0:0.##}\" height=\"{box.Y1 - box.Y0:0.##}\" stroke=\"{colour}\"/>")
                .Markup($"<rect x=\"{box.X0:0.##}\" y=\"{tagTop:0.##}\" width=\"{tagWidth:0.##}\" height=\"{tagHeight:0.##}\" fill=\"{colour}\"/>")
                .Markup($"<text x=\"{box.X0 + (3 * scale):0.##}\" y=\"{tagTop + (10.8 * scale):0.##}\" style=\"font-size:{11 * scale:0.##}px\">{number}</text></g>");
        }

        html.Constant("</svg>");
    }

    private static void WriteBoxes(HtmlPage html, BoxResult[] boxes)
    {
        if (boxes.Length == 0)
        {
            return;
        }

        html.Constant("<h3>Boxes, in pixels of the page</h3><table><thead><tr><th></th><th>label</th><th class=\"n\">left</th><th class=\"n\">top</th><th class=\"n\">right</th><th class=\"n\">bottom</th></tr></thead><tbody>");
        for (int i = 0; i < boxes.Length; i++)
        {
            BoxEdges box = boxes[i].Pixels;
            html.Markup($"<tr><td><span class=\"chip\" style=\"background:{BoxColours.Of(i).Css}\">{i + 1}</span></td><td>{boxes[i].Label}")
                .Constant(boxes[i].Adjusted ? " <span class=\"problem small\">repaired</span>" : "")
                .Markup($"</td><td class=\"n\">{box.X0:0}</td><td class=\"n\">{box.Y0:0}</td><td class=\"n\">{box.X1:0}</td><td class=\"n\">{box.Y1:0}</td></tr>");
        }

        html.Constant("</tbody></table>");
    }
}
