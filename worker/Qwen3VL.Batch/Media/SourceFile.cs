namespace Qwen3VL.Batch.Media;

/// <summary>
/// A file that has passed the source rules: below the root, or fetched from an allowed host; a regular file within the size limit. Whoever asked for it
/// disposes it after use: a fetched file may be deleted then.
/// </summary>
/// <param name="Path">Absolute path; never logged or stored.</param>
/// <param name="DisplayName">What people may see: the path as the client gave it; of a URL scheme and host.</param>
/// <param name="Sha256">Lower-case hex SHA-256 of the content.</param>
/// <param name="SizeBytes">Bytes.</param>
internal sealed record SourceFile(string Path, string DisplayName, string Sha256, long SizeBytes) : IDisposable
{
    /// <summary>Keeps a fetched file where it is; none for a file below the root.</summary>
    public IDisposable? Hold { get; init; }

    /// <inheritdoc/>
    public void Dispose() => Hold?.Dispose();
}
