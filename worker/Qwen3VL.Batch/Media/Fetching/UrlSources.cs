using System.Security.Cryptography.X509Certificates;
using Qwen3VL.Batch.Contracts.V1;
using Qwen3VL.Batch.Jobs;

namespace Qwen3VL.Batch.Media.Fetching;

/// <summary>
/// Fetches sources that are http and https URLs into a folder of this process. With a known hash a file that was fetched before is used again; without
/// one the URL is always asked, because its content may be another by now. Thread-safe.
/// </summary>
internal sealed class UrlSources : ISourceResolver, IDisposable
{
    private readonly UrlRules _rules;
    private readonly HttpFetcher _fetcher;
    private readonly FetchFolder _folder;
    private readonly FetchCache _cache;
    private readonly SharedDownloads _downloads;

    /// <summary>Creates one; makes its folder.</summary>
    /// <param name="options">Section <c>Media</c>.</param>
    /// <param name="network">Names and connections.</param>
    /// <param name="time">Clock of time limits.</param>
    /// <param name="trustedRoots">Certificates that end a chain instead of the system's; null: the system's.</param>
    public UrlSources(MediaOptions options, INetwork network, TimeProvider time, X509Certificate2Collection? trustedRoots = null)
    {
        _rules = new UrlRules(options);
        _fetcher = new HttpFetcher(options, network, time, trustedRoots);
        _folder = FetchFolder.Open(options.FetchFolder);
        _cache = new FetchCache((long)options.FetchCacheMiB << 20);
        _downloads = new SharedDownloads(_cache);
    }

    /// <summary>Bytes that fetched files take.</summary>
    public long UsedBytes => _cache.UsedBytes;

    /// <summary>Where fetched files are.</summary>
    public string FolderPath => _folder.Path;

    /// <inheritdoc/>
    /// <exception cref="SourceUnavailableException">Trying again later can succeed.</exception>
    public async Task<SourceFile> ResolveAsync(JobSource source, string? expectedSha256, CancellationToken cancellationToken)
    {
        Uri url = _rules.Check(source.Uri);
        string key = url.AbsoluteUri;
        FetchedFile file = (expectedSha256 ?? source.Sha256) is { } known && _cache.Find(key, known) is { } kept
            ? kept
            : await _downloads.GetAsync(key, token => DownloadAsync(url, key, token), cancellationToken).ConfigureAwait(false);
        FetchHold hold = new(_cache, file);
        string? other = ((string?[])[source.Sha256, expectedSha256])
            .FirstOrDefault(expected => expected is not null && !string.Equals(expected, file.Content.Sha256, StringComparison.OrdinalIgnoreCase));
        if (other is not null)
        {
            hold.Dispose();
            throw new ContentException(
                ErrorCodes.SourceChanged, $"the source must have SHA-256 {other}; what {UrlRules.Name(url)} sent has {file.Content.Sha256}");
        }

        return new SourceFile(file.Path, UrlRules.Name(url), file.Content.Sha256, file.Content.SizeBytes) { Hold = hold };
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _fetcher.Dispose();
        _folder.Dispose();
    }

    private async Task<FetchedFile> DownloadAsync(Uri url, string key, CancellationToken cancellationToken)
    {
        FetchWriter writer = _cache.Create(_folder.Renew());
        await using (writer.ConfigureAwait(false))
        {
            FetchedContent content = await _fetcher.FetchAsync(url, writer.WriteAsync, cancellationToken).ConfigureAwait(false);
            return await writer.CommitAsync(key, content).ConfigureAwait(false);
        }
    }
}
