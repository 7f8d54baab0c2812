namespace Qwen3VL.TestKit.Cases;

/// <summary>One row of <c>video/clips.json</c>.</summary>
public sealed record ClipGolden(
    string Folder, double SrcFps, int Frames, int[] Indices, int[] GridThw, int[] Rows, string Sha256U8, int[]? RowSums = null);
