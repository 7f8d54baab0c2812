namespace Qwen3VL.Engine.Tests.Processing;

/// <summary>One row of <c>video/frames.json</c>.</summary>
internal sealed record FramesGolden(
    int Total, double SrcFps, double Fps, int N, string Sha256, int[] First, int[] Last, string[] Timestamps, string TimestampsSha256);
