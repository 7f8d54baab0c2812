namespace Qwen3VL.Batch.Media;

/// <summary>
/// Remembers the SHA-256 of the last few files while their length and time of change stay the same: a long video is cut into hundreds of chunks
/// and must not be read whole for each. Thread-safe.
/// </summary>
internal sealed class SourceHashCache
{
    /// <summary>Files remembered: far more than a worker has in hand.</summary>
    private const int Capacity = 64;

    private readonly Lock _lock = new();
    private readonly Queue<string> _order = new();
    private readonly Dictionary<string, (long Length, DateTime Changed, string Sha256)> _known = new(StringComparer.Ordinal);

    /// <summary>The hash of a file that has not changed since it was kept; null otherwise.</summary>
    public string? Find(FileInfo file)
    {
        lock (_lock)
        {
            return _known.TryGetValue(file.FullName, out var entry) && entry.Length == file.Length && entry.Changed == file.LastWriteTimeUtc
                ? entry.Sha256
                : null;
        }
    }

    /// <summary>Keeps the hash of a file as it was when <paramref name="file"/> was examined, before its content was read.</summary>
    public void Keep(FileInfo file, string sha256)
    {
        lock (_lock)
        {
            if (!_known.ContainsKey(file.FullName))
            {
                _order.Enqueue(file.FullName);
            }

            _known[file.FullName] = (file.Length, file.LastWriteTimeUtc, sha256);
            if (_order.Count > Capacity)
            {
                _known.Remove(_order.Dequeue());
            }
        }
    }
}
