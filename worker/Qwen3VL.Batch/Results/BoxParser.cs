using Qwen3VL.Batch.Contracts.V1;
using Qwen3VL.Batch.Jobs;

namespace Qwen3VL.Batch.Results;

/// <summary>
/// Reads boxes with labels. The model writes integers 0..1000 of the upright page, x0 y0 x1 y1, whatever size it saw
/// (QwenLM/Qwen3-VL, <c>cookbooks/2d_grounding.ipynb</c>). Numbers out of range are clamped and reversed corners swapped, both marked as
/// adjusted; boxes without area or without a label are dropped and counted. Pure; never throws.
/// </summary>
internal static class BoxParser
{
    private const double Scale = 1000;

    private static readonly string[] BoxKeys = ["bbox_2d", "bbox", "box_2d"];
    private static readonly string[] LabelKeys = ["text_content", "label", "text"];

    /// <summary>Reads an answer.</summary>
    /// <param name="answer">What the model wrote.</param>
    /// <param name="task">Spotting or grounding.</param>
    /// <param name="pageNo">Page that it was asked about.</param>
    /// <param name="widthPx">Width of the page raster.</param>
    /// <param name="heightPx">Height of the page raster.</param>
    public static ParseOutcome<IReadOnlyList<BoxResult>> Parse(string answer, JobTaskKind task, int pageNo, int widthPx, int heightPx)
    {
        ParseOutcome<ModelRecords> records = ModelJson.Read(answer);
        if (records.Value is null)
        {
            return new ParseOutcome<IReadOnlyList<BoxResult>>(null, records.Failure);
        }

        var boxes = new List<BoxResult>();
        foreach (IReadOnlyDictionary<string, ModelValue> entry in records.Value.Objects)
        {
            if (TryReadLabel(entry, out string label) && TryReadEdges(entry, out BoxEdges relative, out bool adjusted))
            {
                var pixels = new BoxEdges(
                    relative.X0 / Scale * widthPx,
                    relative.Y0 / Scale * heightPx,
                    relative.X1 / Scale * widthPx,
                    relative.Y1 / Scale * heightPx);
                boxes.Add(new BoxResult(pageNo, task, boxes.Count, label, relative, pixels, adjusted));
            }
        }

        int total = records.Value.Objects.Count;
        int dropped = total - boxes.Count;
        ParseFailure? failure = dropped == 0
            ? records.Failure
            : new ParseFailure(ErrorCodes.OutputUnreadable, $"entries must have a label and a box with area; {dropped} of {total} had not");

        // A list of which nothing could be used is no answer; an empty list is: nothing was found.
        return new ParseOutcome<IReadOnlyList<BoxResult>>(boxes.Count == 0 && total > 0 ? null : boxes, failure);
    }

    private static bool TryReadLabel(IReadOnlyDictionary<string, ModelValue> entry, out string label)
    {
        foreach (string key in LabelKeys)
        {
            if (entry.TryGetValue(key, out ModelValue? value) && value.TryGetText(out label) && !string.IsNullOrWhiteSpace(label))
            {
                return true;
            }
        }

        label = "";
        return false;
    }

    private static bool TryReadEdges(IReadOnlyDictionary<string, ModelValue> entry, out BoxEdges edges, out bool adjusted)
    {
        edges = default;
        adjusted = false;
        foreach (string key in BoxKeys)
        {
            if (entry.TryGetValue(key, out ModelValue? value) && value.TryGetNumbers(4, out IReadOnlyList<double> written))
            {
                (double x0, double x1) = Ordered(written[0], written[2]);
                (double y0, double y1) = Ordered(written[1], written[3]);
                edges = new BoxEdges(x0, y0, x1, y1);
                adjusted = edges != new BoxEdges(written[0], written[1], written[2], written[3]);
                return HasExtent(x0, x1) && HasExtent(y0, y1);
            }
        }

        return false;
    }

    private static (double Low, double High) Ordered(double a, double b) =>
        (Math.Clamp(Math.Min(a, b), 0, Scale), Math.Clamp(Math.Max(a, b), 0, Scale));

    /// <summary>A thousandth of a thousandth: what is narrower has no area in pixels of any page that can be decoded.</summary>
    private static bool HasExtent(double low, double high) => high - low >= 1e-3;
}
