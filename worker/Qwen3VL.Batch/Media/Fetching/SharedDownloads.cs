namespace Qwen3VL.Batch.Media.Fetching;

/// <summary>
/// Lets callers who want the same URL at the same time share one download. It goes on while anybody waits: one caller that gives up does not end it
/// for the others, the last one does. Thread-safe.
/// </summary>
internal sealed class SharedDownloads(FetchCache cache)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, SharedDownload> _running = new(StringComparer.Ordinal);

    /// <summary>The file of a URL, held once for the caller.</summary>
    /// <param name="url">The whole URL.</param>
    /// <param name="download">Gets it, held once; called when nobody else is at it.</param>
    /// <param name="cancellationToken">The caller gives up.</param>
    public async Task<FetchedFile> GetAsync(string url, Func<CancellationToken, Task<FetchedFile>> download, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        SharedDownload shared = Join(url, download);
        try
        {
            FetchedFile file = await shared.Result.WaitAsync(cancellationToken).ConfigureAwait(false);

            // The download's own hold keeps the file until everybody has taken one.
            cache.Hold(file);
            return file;
        }
        finally
        {
            if (Leave(url, shared))
            {
                await shared.StopAsync().ConfigureAwait(false);
            }
        }
    }

    private SharedDownload Join(string url, Func<CancellationToken, Task<FetchedFile>> download)
    {
        lock (_gate)
        {
            if (!_running.TryGetValue(url, out SharedDownload? shared))
            {
                shared = new SharedDownload(begun => RunAsync(url, begun, download));
                _running.Add(url, shared);
            }

            shared.Waiters++;
            return shared;
        }
    }

    private async Task<FetchedFile> RunAsync(string url, SharedDownload shared, Func<CancellationToken, Task<FetchedFile>> download)
    {
        // The lock is held until here.
        await Task.Yield();
        FetchedFile? file = null;
        try
        {
            file = await download(shared.Stop).ConfigureAwait(false);
            return file;
        }
        finally
        {
            lock (_gate)
            {
                shared.File = file;
                shared.HasEnded = true;
                Forget(url, shared);
                EndIfUnused(shared);
            }
        }
    }

    /// <summary>True when the caller was the last one and the download must be ended.</summary>
    private bool Leave(string url, SharedDownload shared)
    {
        lock (_gate)
        {
            shared.Waiters--;
            if (shared.Waiters > 0)
            {
                return false;
            }

            Forget(url, shared);
            EndIfUnused(shared);
            return !shared.HasEnded;
        }
    }

    /// <summary>Lets go of a download that has ended and that nobody waits for. That comes true once: nobody can join it any more. The gate is held.</summary>
    private void EndIfUnused(SharedDownload shared)
    {
        if (!shared.HasEnded || shared.Waiters > 0)
        {
            return;
        }

        shared.Dispose();
        if (shared.File is { } file)
        {
            cache.Release(file);
        }
    }

    // A later caller of the same URL begins anew: the content may be another by then.
    private void Forget(string url, SharedDownload shared)
    {
        if (_running.TryGetValue(url, out SharedDownload? known) && ReferenceEquals(known, shared))
        {
            _running.Remove(url);
        }
    }
}
