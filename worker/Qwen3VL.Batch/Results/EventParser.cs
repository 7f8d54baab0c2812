using System.Globalization;
using Qwen3VL.Batch.Jobs;

namespace Qwen3VL.Batch.Results;

/// <summary>
/// Reads the events of a window. The model writes labels that it read before frame pairs; an event covers whole pairs, from the first frame of
/// the pair of its start to the end of the pair of its end, so equal labels mean one pair. A time that is no label is moved to the nearest one,
/// reversed times are swapped; both are marked as adjusted. Pure; never throws.
/// </summary>
internal static class EventParser
{
    /// <summary>Labels have one decimal: what differs by less is that label.</summary>
    private const double LabelTolerance = 0.051;

    /// <summary>Reads an answer; events are in order of time, numbered from 0.</summary>
    public static ParseOutcome<IReadOnlyList<SegmentResult>> Parse(string answer, WindowTimeline timeline)
    {
        ParseOutcome<ModelRecords> records = ModelJson.Read(answer);
        if (records.Value is null)
        {
            return new ParseOutcome<IReadOnlyList<SegmentResult>>(null, records.Failure);
        }

        var events = new List<SegmentResult>();
        foreach (IReadOnlyDictionary<string, ModelValue> entry in records.Value.Objects)
        {
            if (TryReadTime(entry, "start", out double start) && TryReadTime(entry, "end", out double end)
                && entry.TryGetValue("description", out ModelValue? value) && value.TryGetText(out string text) && !string.IsNullOrWhiteSpace(text))
            {
                events.Add(Place(timeline, start, end, text.Trim()));
            }
        }

        int total = records.Value.Objects.Count;
        int dropped = total - events.Count;
        ParseFailure? failure = dropped == 0
            ? records.Failure
            : new ParseFailure(ErrorCodes.OutputUnreadable, $"events must have start, end and description; {dropped} of {total} had not");
        IReadOnlyList<SegmentResult> ordered =
        [
            .. events.OrderBy(segment => segment.StartMs).ThenBy(segment => segment.EndMs).Select((segment, i) => segment with { SegmentNo = i }),
        ];
        return new ParseOutcome<IReadOnlyList<SegmentResult>>(events.Count == 0 && total > 0 ? null : ordered, failure);
    }

    private static SegmentResult Place(WindowTimeline timeline, double start, double end, string text)
    {
        bool reversed = start > end;
        int first = timeline.FirstNearest(reversed ? end : start);
        int last = timeline.LastNearest(reversed ? start : end);
        FramePair firstPair = timeline.Pairs[first];
        FramePair lastPair = timeline.Pairs[last];
        bool moved = Math.Abs(firstPair.Label - Math.Min(start, end)) > LabelTolerance || Math.Abs(lastPair.Label - Math.Max(start, end)) > LabelTolerance;
        return new SegmentResult(SegmentKind.WindowEvent, 0, firstPair.StartMs, lastPair.EndMs, text, reversed || moved);
    }

    /// <summary>A number of seconds, or the cookbook's clock format <c>mm:ss.ff</c>.</summary>
    private static bool TryReadTime(IReadOnlyDictionary<string, ModelValue> entry, string key, out double seconds)
    {
        seconds = 0;
        if (!entry.TryGetValue(key, out ModelValue? value))
        {
            return false;
        }

        if (value.TryGetNumber(out seconds))
        {
            return true;
        }

        if (!value.TryGetText(out string text))
        {
            return false;
        }

        string[] fields = text.Trim().TrimEnd('s').Split(':');
        if (fields.Length > 3)
        {
            return false;
        }

        seconds = 0;
        foreach (string field in fields)
        {
            if (!double.TryParse(field, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double number))
            {
                return false;
            }

            seconds = (seconds * 60) + number;
        }

        return double.IsFinite(seconds);
    }
}
