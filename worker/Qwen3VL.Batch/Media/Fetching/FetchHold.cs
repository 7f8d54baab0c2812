namespace Qwen3VL.Batch.Media.Fetching;

/// <summary>One user's hold of a fetched file. Disposing ends it, once. Thread-safe.</summary>
internal sealed class FetchHold(FetchCache cache, FetchedFile file) : IDisposable
{
    private FetchedFile? _file = file;

    /// <inheritdoc/>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _file, null) is { } held)
        {
            cache.Release(held);
        }
    }
}
