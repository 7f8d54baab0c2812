namespace Qwen3VL.Batch.Media.Fetching;

/// <summary>A file while it is received. It has its last name only when it is whole. Not thread-safe; one per fetch.</summary>
internal sealed class FetchWriter : IAsyncDisposable
{
    private readonly FetchCache _cache;
    private readonly string _path;
    private readonly FileStream _file;
    private long _length;
    private bool _isKept;

    /// <summary>Creates the file.</summary>
    /// <exception cref="SourceUnavailableException">The folder cannot be written.</exception>
    public FetchWriter(FetchCache cache, string path)
    {
        (_cache, _path) = (cache, path);
        try
        {
            _file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0, FileOptions.Asynchronous);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw Unwritable(exception);
        }
    }

    /// <summary>Appends bytes.</summary>
    /// <exception cref="ContentException">limit_exceeded.</exception>
    /// <exception cref="SourceUnavailableException">There is no room.</exception>
    public async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        _cache.TakeRoom(bytes.Length, _length);
        _length += bytes.Length;
        try
        {
            await _file.WriteAsync(bytes, cancellationToken).ConfigureAwait(false);
        }
        catch (IOException exception)
        {
            throw Unwritable(exception);
        }
    }

    /// <summary>Keeps the file, which is whole now, held once for the caller.</summary>
    public async Task<FetchedFile> CommitAsync(string url, FetchedContent content)
    {
        await _file.DisposeAsync().ConfigureAwait(false);
        FetchedFile kept = _cache.Keep(_path, url, content);
        _isKept = true;
        return kept;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _file.DisposeAsync().ConfigureAwait(false);
        if (!_isKept)
        {
            File.Delete(_path);
            _cache.ReturnRoom(_length);
        }
    }

    /// <summary>The folder, or one file in it, cannot be written now.</summary>
    internal static SourceUnavailableException Unwritable(Exception cause) =>
        new("the folder for fetched files (Media:FetchFolder) must be writable and have space; writing failed", cause) { IsOfWorker = true };
}
