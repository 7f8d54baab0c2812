using System.Security.Cryptography;
using Qwen3VL.Batch.Contracts.V1;
using Qwen3VL.Batch.Jobs;

namespace Qwen3VL.Batch.Media;

/// <summary>
/// Finds a job's file below the source root and nowhere else. Every link on the way is followed by hand and must end below the root; only regular
/// files pass, and nothing is opened before that is known, so a pipe cannot block the worker. Thread-safe.
/// </summary>
/// <remarks>
/// The root belongs to the operator: who can exchange a folder for a link between this check and the decoder's start can already write there.
/// </remarks>
internal sealed class SourceResolver : ISourceResolver
{
    private readonly MediaOptions _options;
    private readonly SourceHashCache _hashes = new();

    /// <summary>Creates one for the root of <paramref name="options"/>.</summary>
    public SourceResolver(MediaOptions options) => _options = options with { };

    /// <inheritdoc/>
    public async Task<SourceFile> ResolveAsync(JobSource source, string? expectedSha256, CancellationToken cancellationToken)
    {
        if (_options.SourceRoot.Length == 0)
        {
            throw new ContentException(ErrorCodes.SourceRefused, "this worker has no source root; set Media:SourceRoot");
        }

        string root = Path.TrimEndingDirectorySeparator(Path.GetFullPath(_options.SourceRoot));
        string[] names = SourceName.Components(source.Uri, root);
        FileInfo file = Locate(source.Uri, root, names);
        string sha256 = await HashAsync(source.Uri, file, cancellationToken).ConfigureAwait(false);
        foreach (string? expected in (string?[])[source.Sha256, expectedSha256])
        {
            if (expected is not null && !string.Equals(expected, sha256, StringComparison.OrdinalIgnoreCase))
            {
                throw new ContentException(ErrorCodes.SourceChanged, $"the source must have SHA-256 {expected}; {source.Uri} has {sha256}");
            }
        }

        return new SourceFile(file.FullName, source.Uri, sha256, file.Length);
    }

    private FileInfo Locate(string uri, string root, string[] names)
    {
        FileInfo file;
        try
        {
            file = new FileInfo(SourceLinks.Resolve(root, names) ?? throw Refused(uri, "must not lead out of the source root"));
            if (Directory.Exists(file.FullName))
            {
                throw Refused(uri, "must be a file, not a folder");
            }

            if (!file.Exists)
            {
                throw new ContentException(ErrorCodes.SourceNotFound, $"the source must exist; {uri} does not");
            }
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new ContentException(ErrorCodes.SourceNotFound, $"the source must exist; {uri} does not", exception);
        }
        catch (Exception exception) when (exception is UnauthorizedAccessException or PathTooLongException)
        {
            throw new ContentException(ErrorCodes.SourceRefused, $"the source must be readable; {uri} is not", exception);
        }

        // Pipes, sockets and devices have no length. An empty regular file could not be decoded either.
        if (file.Length == 0)
        {
            throw Refused(uri, "must be a regular file with content");
        }

        return file.Length <= _options.MaxFileBytes
            ? file
            : throw new ContentException(ErrorCodes.LimitExceeded, $"the source must have at most {_options.MaxFileBytes} bytes; {uri} has {file.Length}");
    }

    private async Task<string> HashAsync(string uri, FileInfo file, CancellationToken cancellationToken)
    {
        if (_hashes.Find(file) is { } known)
        {
            return known;
        }

        try
        {
            using FileStream content = new(file.FullName, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 1 << 20, FileOptions.SequentialScan);
            string sha256 = Convert.ToHexStringLower(await SHA256.HashDataAsync(content, cancellationToken).ConfigureAwait(false));
            _hashes.Keep(file, sha256);
            return sha256;
        }
        catch (UnauthorizedAccessException exception)
        {
            throw new ContentException(ErrorCodes.SourceRefused, $"the source must be readable; {uri} is not", exception);
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new ContentException(ErrorCodes.SourceNotFound, $"the source must exist; {uri} vanished", exception);
        }
        catch (IOException exception) when (!MachineShortage.IsCause(exception))
        {
            throw new ContentException(ErrorCodes.SourceRefused, $"the source must be readable to its end; reading {uri} failed", exception);
        }
    }

    private static ContentException Refused(string uri, string rule) => new(ErrorCodes.SourceRefused, $"the source {rule}; {uri} is refused");
}
