namespace Qwen3VL.Engine.Processing;

/// <summary>
/// Position ids of a prompt on the three axes T, H and W (spec 4.3). Text advances all axes by one; a placeholder run keeps T, spreads H and
/// W over its merged grid, and advances by the longer side of that grid. Source: huggingface/transformers v4.57.6,
/// <c>qwen3_vl/modeling_qwen3_vl.py</c>, <c>get_rope_index</c>.
/// </summary>
internal static class MropePositions
{
    /// <summary>Number of axes: T, H, W.</summary>
    public const int Axes = 3;

    /// <summary>Computes the positions.</summary>
    /// <param name="numTokens">Prompt tokens, placeholders expanded.</param>
    /// <param name="spans">Placeholder runs by offset: each a whole image or one frame pair.</param>
    /// <param name="media">The items the runs stand for.</param>
    /// <param name="delta">Token index + this is the position of a generated token on every axis.</param>
    /// <returns><c>[3, numTokens]</c>, row-major.</returns>
    public static int[] Compute(int numTokens, IReadOnlyList<MediaSpan> spans, IReadOnlyList<ProcessedMedia> media, out int delta)
    {
        int[] positions = new int[checked(Axes * numTokens)];
        Span<int> time = positions.AsSpan(0, numTokens);
        Span<int> height = positions.AsSpan(numTokens, numTokens);
        Span<int> width = positions.AsSpan(2 * numTokens, numTokens);
        int position = 0;
        int token = 0;
        foreach (MediaSpan span in spans)
        {
            for (; token < span.Offset; token++, position++)
            {
                time[token] = height[token] = width[token] = position;
            }

            GridThw grid = media[span.MediaIndex].Grid;
            int columns = grid.Width / PatchExtractor.MergeSize;
            for (int cell = 0; cell < span.Length; cell++, token++)
            {
                time[token] = position;
                height[token] = position + (cell / columns);
                width[token] = position + (cell % columns);
            }

            position += Math.Max(grid.Height / PatchExtractor.MergeSize, columns);
        }

        for (; token < numTokens; token++, position++)
        {
            time[token] = height[token] = width[token] = position;
        }

        delta = position - numTokens;
        return positions;
    }
}
