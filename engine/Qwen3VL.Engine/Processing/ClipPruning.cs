namespace Qwen3VL.Engine.Processing;

/// <summary>
/// Shortens a prompt by the vision tokens that its clips will lose (EVS, spec 7.2). How many they lose follows from the grid and the rate,
/// so the prompt's length is final; which ones is seen when a clip is encoded.
/// </summary>
internal static class ClipPruning
{
    /// <summary>Prunes every clip that loses a row. Images, and clips that lose none, stay as they are.</summary>
    /// <param name="whole">The prompt with all placeholders.</param>
    /// <param name="positions">Its positions, <c>[3, tokens]</c>.</param>
    /// <param name="delta">Its position delta.</param>
    /// <param name="media">Its media items.</param>
    /// <param name="rate">Share of a clip's vision tokens to drop, 0 up to below 1.</param>
    /// <param name="videoTokenId">Placeholder of clips.</param>
    public static ProcessedPrompt Apply(
        ExpandedPrompt whole, int[] positions, int delta, IReadOnlyList<ProcessedMedia> media, double rate, int videoTokenId)
    {
        int numWhole = whole.TokenIds.Length;
        List<int> columns = new(numWhole);
        List<MediaSpan> spans = [];
        List<PrunedClip> clips = [];
        int next = 0;
        for (int i = 0; i < whole.Spans.Count; i++)
        {
            MediaSpan span = whole.Spans[i];
            ProcessedMedia item = media[span.MediaIndex];
            int numKept = NumRows(item.Grid, isClip: item.PairTimesSeconds.Count > 0, rate);
            if (numKept == item.Grid.NumRows)
            {
                spans.Add(span with { Offset = columns.Count + span.Offset - next });
                continue;
            }

            if (span.FirstRow > 0)
            {
                // The clip's first frame pair has taken the whole range.
                continue;
            }

            int start = whole.ItemOffsets[span.MediaIndex];
            MediaSpan last = whole.Spans[i + item.Grid.Time - 1];
            int end = last.Offset + last.Length + 1;
            AddColumns(columns, next, start);
            var clip = new PrunedClip(
                span.MediaIndex, item, columns.Count, numKept, whole.TokenIds[start..end], Slice(positions, numWhole, start, end), videoTokenId);
            clips.Add(clip);
            spans.Add(new MediaSpan(span.MediaIndex, clip.Offset, clip.Length, 0));
            AddProvisional(columns, whole.TokenIds, start, end, numKept, videoTokenId);
            next = end;
        }

        AddColumns(columns, next, numWhole);
        int[] ids = [.. columns.Select(column => whole.TokenIds[column])];
        int[] kept = new int[MropePositions.Axes * columns.Count];
        for (int axis = 0; axis < MropePositions.Axes; axis++)
        {
            for (int token = 0; token < columns.Count; token++)
            {
                kept[(axis * columns.Count) + token] = positions[(axis * numWhole) + columns[token]];
            }
        }

        return new ProcessedPrompt(ids, kept, delta + numWhole - columns.Count, spans, media) { PrunedClips = clips };
    }

    /// <summary>Vision tokens of an item that stay in the prompt.</summary>
    public static int NumRows(GridThw grid, bool isClip, double rate) => isClip && rate > 0 ? FrameChange.NumKept(grid, rate) : grid.NumRows;

    private static void AddColumns(List<int> columns, int start, int end)
    {
        for (int column = start; column < end; column++)
        {
            columns.Add(column);
        }
    }

    private static void AddProvisional(List<int> columns, int[] wholeIds, int start, int end, int numKept, int videoTokenId)
    {
        int rows = 0;
        for (int column = start; column < end; column++)
        {
            if (wholeIds[column] != videoTokenId || rows++ < numKept)
            {
                columns.Add(column);
            }
        }
    }

    private static int[] Slice(int[] positions, int numWhole, int start, int end)
    {
        int[] slice = new int[MropePositions.Axes * (end - start)];
        for (int axis = 0; axis < MropePositions.Axes; axis++)
        {
            positions.AsSpan((axis * numWhole) + start, end - start).CopyTo(slice.AsSpan(axis * (end - start)));
        }

        return slice;
    }
}
