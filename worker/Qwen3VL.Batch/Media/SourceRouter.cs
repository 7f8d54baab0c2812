using Qwen3VL.Batch.Contracts.V1;
using Qwen3VL.Batch.Jobs;
using Qwen3VL.Batch.Media.Fetching;

namespace Qwen3VL.Batch.Media;

/// <summary>
/// Sends each source to who serves it: http and https URLs are fetched where the configuration allows hosts, everything else is a file below the
/// source root. Owns the folder of fetched files. Thread-safe.
/// </summary>
internal sealed class SourceRouter : ISourceResolver, IDisposable
{
    private readonly SourceResolver _files;
    private readonly UrlSources? _urls;

    /// <summary>Creates one; with allowed hosts, makes the folder for fetched files.</summary>
    public SourceRouter(MediaOptions options, TimeProvider time)
    {
        _files = new SourceResolver(options);
        _urls = options.AllowedHosts.Count > 0 ? new UrlSources(options, new SystemNetwork(), time) : null;
    }

    /// <inheritdoc/>
    /// <exception cref="SourceUnavailableException">A URL cannot be fetched now.</exception>
    public Task<SourceFile> ResolveAsync(JobSource source, string? expectedSha256, CancellationToken cancellationToken)
    {
        if (!SourceUrl.IsUrl(source.Uri))
        {
            return _files.ResolveAsync(source, expectedSha256, cancellationToken);
        }

        return _urls is not null
            ? _urls.ResolveAsync(source, expectedSha256, cancellationToken)
            : throw new ContentException(
                ErrorCodes.SourceRefused, "a source must be a file below the source root; this worker fetches no URLs (Media:AllowedHosts)");
    }

    /// <inheritdoc/>
    public void Dispose() => _urls?.Dispose();
}
