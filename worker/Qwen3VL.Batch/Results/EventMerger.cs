namespace Qwen3VL.Batch.Results;

/// <summary>
/// Joins what the windows saw into events of the whole video. Two events are one when their descriptions are the same words (case, blanks and a
/// final stop aside) and their times overlap or touch: an event that an edge cut in two, and one that two overlapping windows both told. Events
/// that differ in words are kept side by side: the merger never decides which window was right. The result does not depend on the order of its
/// input, and merging it again changes nothing.
/// </summary>
internal static class EventMerger
{
    /// <summary>Ends and starts at one frame differ by rounding of its time to milliseconds at most.</summary>
    private const int TouchMs = 1;

    /// <summary>Global events, in order of time, numbered from 0.</summary>
    public static IReadOnlyList<SegmentResult> Merge(IReadOnlyList<SegmentResult> windowEvents)
    {
        var events = new List<SegmentResult>();
        foreach (IGrouping<string, SegmentResult> sameWords in windowEvents.GroupBy(segment => Key(segment.Text), StringComparer.Ordinal))
        {
            AddJoined(events, sameWords.OrderBy(segment => segment.StartMs).ThenBy(segment => segment.EndMs).ThenBy(segment => segment.Text, StringComparer.Ordinal));
        }

        return
        [
            .. events.OrderBy(segment => segment.StartMs)
                .ThenBy(segment => segment.EndMs)
                .ThenBy(segment => segment.Text, StringComparer.Ordinal)
                .Select((segment, i) => segment with { Kind = SegmentKind.Event, SegmentNo = i }),
        ];
    }

    private static void AddJoined(List<SegmentResult> events, IEnumerable<SegmentResult> ordered)
    {
        SegmentResult? open = null;
        foreach (SegmentResult next in ordered)
        {
            if (open is not null && next.StartMs <= (long)open.EndMs + TouchMs)
            {
                open = open with { EndMs = Math.Max(open.EndMs, next.EndMs), Adjusted = open.Adjusted || next.Adjusted };
                continue;
            }

            if (open is not null)
            {
                events.Add(open);
            }

            open = next;
        }

        if (open is not null)
        {
            events.Add(open);
        }
    }

    private static string Key(string text) =>
        string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)).TrimEnd('.').ToUpperInvariant();
}
