namespace Qwen3VL.Batch.Media;

/// <summary>Section <c>Media</c>: where sources may be and how large they may get.</summary>
internal sealed record MediaOptions
{
    /// <summary>Folder below which job sources must lie; no default. Links that lead out of it are refused.</summary>
    public string SourceRoot { get; init; } = "";

    /// <summary>Largest file, in bytes.</summary>
    public long MaxFileBytes { get; init; } = 4L << 30;

    /// <summary>Most pages of a document.</summary>
    public int MaxPages { get; init; } = 20_000;

    /// <summary>Most pixels of one decoded picture, page or frame.</summary>
    public long MaxImagePixels { get; init; } = 100_000_000;

    /// <summary>Longest video, in seconds.</summary>
    public double MaxDurationSeconds { get; init; } = 24 * 3600;

    /// <summary>Longest time one decoder process may run, in seconds.</summary>
    public double ProcessTimeoutSeconds { get; init; } = 120;

    /// <summary>
    /// Decoded pixels of pages and windows that are held at the same time, over all slots, in MiB; further decoding waits. One item that is
    /// larger fails with limit_exceeded.
    /// </summary>
    public int MaxDecodedMiB { get; init; } = 2_048;

    /// <summary>Address space of one decoder process, in MiB.</summary>
    public int ProcessMemoryMiB { get; init; } = 4_096;
}
