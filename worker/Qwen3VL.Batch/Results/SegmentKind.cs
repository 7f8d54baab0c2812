namespace Qwen3VL.Batch.Results;

/// <summary>What a segment of a video is.</summary>
internal enum SegmentKind
{
    /// <summary>A window with its caption.</summary>
    Window,

    /// <summary>An event as one window saw it.</summary>
    WindowEvent,

    /// <summary>An event of the whole video, joined over windows.</summary>
    Event,
}
