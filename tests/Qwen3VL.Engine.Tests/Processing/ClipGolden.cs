namespace Qwen3VL.Engine.Tests.Processing;

/// <summary>One row of <c>video/clips.json</c>.</summary>
internal sealed record ClipGolden(string Folder, double SrcFps, int Frames, int[] Indices, int[] GridThw, int[] Rows, string Sha256U8);
