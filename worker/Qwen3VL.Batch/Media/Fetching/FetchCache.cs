using Qwen3VL.Batch.Jobs;

namespace Qwen3VL.Batch.Media.Fetching;

/// <summary>
/// Keeps fetched files within a bound of bytes, those being received included. A file that somebody holds stays; of the others the one used longest
/// ago goes first. A file is found again by its whole URL and its hash together: knowing the hash alone gives nobody a file. Thread-safe.
/// </summary>
/// <remarks>
/// <code>
/// fetching --Commit--> held (holds &gt; 0) &lt;--> kept (holds = 0) --room needed--> deleted
///     \--disposed--> deleted
/// </code>
/// </remarks>
internal sealed class FetchCache
{
    private readonly Lock _gate = new();
    private readonly LinkedList<FetchedFile> _files = new();
    private readonly long _maxBytes;
    private long _usedBytes;
    private int _numFiles;

    /// <summary>Creates an empty one.</summary>
    /// <param name="maxBytes">The bound.</param>
    public FetchCache(long maxBytes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxBytes, 1);
        _maxBytes = maxBytes;
    }

    /// <summary>Bytes of kept files and of those being received.</summary>
    public long UsedBytes
    {
        get
        {
            lock (_gate)
            {
                return _usedBytes;
            }
        }
    }

    /// <summary>A kept file, held for the caller until it releases it; null when it is not kept.</summary>
    public FetchedFile? Find(string url, string sha256)
    {
        lock (_gate)
        {
            if (FindNode(url, sha256) is not { } node)
            {
                return null;
            }

            _files.Remove(node);
            _files.AddLast(node);
            node.Value.Holds++;
            return node.Value;
        }
    }

    /// <summary>One more hold of a file that is held.</summary>
    public void Hold(FetchedFile file)
    {
        lock (_gate)
        {
            file.Holds++;
        }
    }

    /// <summary>Ends one hold.</summary>
    public void Release(FetchedFile file)
    {
        lock (_gate)
        {
            file.Holds--;
        }
    }

    /// <summary>A new file to receive into. Disposed without a commit, it leaves nothing.</summary>
    /// <param name="folder">A folder that nobody else writes into.</param>
    /// <exception cref="SourceUnavailableException">The folder cannot be written.</exception>
    public FetchWriter Create(string folder) => new(this, Path.Combine(folder, $"{Interlocked.Increment(ref _numFiles)}.part"));

    /// <summary>Takes room for bytes to be received, deleting files that nobody holds.</summary>
    /// <param name="bytes">Bytes to come.</param>
    /// <param name="ownBytes">Bytes that the same file has already.</param>
    /// <exception cref="ContentException">limit_exceeded: the file is larger than the bound.</exception>
    /// <exception cref="SourceUnavailableException">Other files are in use; later there is room.</exception>
    internal void TakeRoom(long bytes, long ownBytes)
    {
        lock (_gate)
        {
            if (ownBytes + bytes > _maxBytes)
            {
                throw new ContentException(ErrorCodes.LimitExceeded, $"a fetched source must have at most {_maxBytes} bytes (Media:FetchCacheMiB); this one has more");
            }

            for (LinkedListNode<FetchedFile>? node = _files.First; node is not null && _usedBytes + bytes > _maxBytes;)
            {
                LinkedListNode<FetchedFile>? next = node.Next;
                if (node.Value.Holds == 0)
                {
                    if (File.Exists(node.Value.Path))
                    {
                        File.Delete(node.Value.Path);
                    }

                    Drop(node);
                }

                node = next;
            }

            if (_usedBytes + bytes > _maxBytes)
            {
                throw new SourceUnavailableException($"fetched files in use must leave room within {_maxBytes} bytes (Media:FetchCacheMiB); {_usedBytes} are taken")
                {
                    IsOfWorker = true,
                };
            }

            _usedBytes += bytes;
        }
    }

    /// <summary>Gives back room that was taken for bytes that did not stay.</summary>
    internal void ReturnRoom(long bytes)
    {
        lock (_gate)
        {
            _usedBytes -= bytes;
        }
    }

    /// <summary>Keeps a received file, held once for the caller. The same content of the same URL that is kept already takes its place.</summary>
    internal FetchedFile Keep(string partPath, string url, FetchedContent content)
    {
        lock (_gate)
        {
            if (FindNode(url, content.Sha256) is { } known)
            {
                File.Delete(partPath);
                _usedBytes -= content.SizeBytes;
                known.Value.Holds++;
                return known.Value;
            }

            FetchedFile file = new(url, Path.ChangeExtension(partPath, ".file"), content) { Holds = 1 };
            File.Move(partPath, file.Path);
            _files.AddLast(file);
            return file;
        }
    }

    private LinkedListNode<FetchedFile>? FindNode(string url, string sha256)
    {
        for (LinkedListNode<FetchedFile>? node = _files.First; node is not null; node = node.Next)
        {
            if (node.Value.Url == url && string.Equals(node.Value.Content.Sha256, sha256, StringComparison.OrdinalIgnoreCase))
            {
                if (File.Exists(node.Value.Path))
                {
                    return node;
                }

                // What cleans temporary folders has deleted it. Its users find out for themselves; nobody else gets it.
                Drop(node);
                return null;
            }
        }

        return null;
    }

    private void Drop(LinkedListNode<FetchedFile> node)
    {
        _files.Remove(node);
        _usedBytes -= node.Value.Content.SizeBytes;
    }
}
