namespace Qwen3VL.TestKit.Cases;

/// <summary>One row of <c>video/frames.json</c>.</summary>
public sealed record FramesGolden(
    int Total,
    double SrcFps,
    double Fps,
    int N,
    string Sha256,
    int[] First,
    int[] Last,
    string[] Timestamps,
    string TimestampsSha256,
    string? LastTimestamp = null);
