namespace Qwen3VL.Batch.Media;

/// <summary>Section <c>Media</c>: where sources may be and how large they may get.</summary>
internal sealed record MediaOptions
{
    /// <summary>Folder below which job sources must lie; no default. Links that lead out of it are refused.</summary>
    public string SourceRoot { get; init; } = "";

    /// <summary>
    /// Hosts from which sources that are URLs are fetched: <c>host</c> or <c>*.domain</c>, either with <c>:port</c>; without a port the scheme's own.
    /// Empty: URLs are refused.
    /// </summary>
    public IReadOnlyList<string> AllowedHosts { get; init; } = [];

    /// <summary>Schemes of URLs; empty: <c>https</c> alone.</summary>
    public IReadOnlyList<string> AllowedSchemes { get; init; } = [];

    /// <summary>Whether hosts may have loopback and private addresses, for a store inside. Metadata and link-local addresses stay refused.</summary>
    public bool AllowPrivateAddresses { get; init; }

    /// <summary>Longest time that fetching one URL may take, redirects and body included, in seconds.</summary>
    public double FetchTimeoutSeconds { get; init; } = 600;

    /// <summary>Most redirects of one fetch.</summary>
    public int MaxRedirects { get; init; } = 3;

    /// <summary>Folder below which each process makes one of its own for fetched files; empty: the system's folder for temporary files.</summary>
    public string FetchFolder { get; init; } = "";

    /// <summary>Bytes of fetched files that one process keeps, in MiB, those being fetched included.</summary>
    public int FetchCacheMiB { get; init; } = 8_192;

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

    /// <summary>The schemes in force. The default stands here because configuration adds to a list instead of replacing it.</summary>
    internal IReadOnlyList<string> EffectiveSchemes => AllowedSchemes.Count > 0 ? AllowedSchemes : [Uri.UriSchemeHttps];
}
