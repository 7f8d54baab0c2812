namespace Qwen3VL.TestKit.Cases;

/// <summary>One row of <c>image/pixels.json</c>.</summary>
public sealed record ImageGolden(
    string File,
    int MinPixels,
    int MaxPixels,
    int[] GridThw,
    int[] Rows,
    string Sha256U8,
    int[] FirstRow,
    int[] LastRow,
    int[]? RowSums = null);
