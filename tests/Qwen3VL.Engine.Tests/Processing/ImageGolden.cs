namespace Qwen3VL.Engine.Tests.Processing;

/// <summary>One row of <c>image/pixels.json</c>.</summary>
internal sealed record ImageGolden(
    string File, int MinPixels, int MaxPixels, int[] GridThw, int[] Rows, string Sha256U8, int[] FirstRow, int[] LastRow);
