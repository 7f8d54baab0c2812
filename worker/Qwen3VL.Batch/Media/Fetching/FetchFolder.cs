namespace Qwen3VL.Batch.Media.Fetching;

/// <summary>
/// A folder of this process for fetched files, readable by its user alone, below a folder that several processes may share. It is deleted at the end;
/// what a killed process left is deleted by the next one that starts, which the file lock in each folder tells apart from what is in use.
/// </summary>
internal sealed class FetchFolder : IDisposable
{
    private const string Prefix = "qwen3vl-fetch-";
    private const string LockName = "lock";

    // Another process that cleans may take a folder in the moment between its making and its locking: a new name is tried then.
    private const int Tries = 10;

    private readonly Lock _gate = new();
    private readonly string _parent;
    private FileStream _lock;

    private FetchFolder(string parent) => (_parent, (Path, _lock)) = (parent, Make(parent));

    /// <summary>Absolute path. It changes when something has deleted the folder.</summary>
    public string Path { get; private set; }

    /// <summary>Deletes what dead processes left, and makes a new folder.</summary>
    /// <param name="parent">Where; empty: the system's folder for temporary files. Made, for its user alone, when it is not there.</param>
    /// <exception cref="IOException">It cannot be made.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be made.</exception>
    public static FetchFolder Open(string parent)
    {
        string shared = System.IO.Path.GetFullPath(parent.Length > 0 ? parent : System.IO.Path.GetTempPath());
        if (!Directory.Exists(shared))
        {
            PrivateFolder.Make(shared);
        }

        // Of another user's folder, or one that others may write into, nothing is believed: not that it is old, nor what deleting it deletes.
        foreach (string old in Directory.EnumerateDirectories(shared, Prefix + "*").Where(PrivateFolder.IsOwn))
        {
            DeleteIfLeft(old);
        }

        return new FetchFolder(shared);
    }

    /// <summary>
    /// The path, after a look whether the folder and its lock are still there: what cleans temporary folders deletes what lies long. A deleted folder is
    /// made anew under another name, because the old one may be somebody else's by now. Thread-safe.
    /// </summary>
    /// <exception cref="SourceUnavailableException">It cannot be made now.</exception>
    public string Renew()
    {
        lock (_gate)
        {
            if (File.Exists(System.IO.Path.Combine(Path, LockName)))
            {
                return Path;
            }

            try
            {
                if (!Directory.Exists(_parent))
                {
                    PrivateFolder.Make(_parent);
                }

                // The files of the old one stay, if there are any, until their users have released them.
                (string path, FileStream held) = Make(_parent);
                _lock.Dispose();
                (Path, _lock) = (path, held);
                return path;
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                throw FetchWriter.Unwritable(exception);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_gate)
        {
            TryDelete(Path);
            _lock.Dispose();
        }
    }

    private static (string Path, FileStream Held) Make(string parent)
    {
        for (int i = 0; i < Tries; i++)
        {
            string path = System.IO.Path.Combine(parent, Prefix + System.IO.Path.GetRandomFileName());
            PrivateFolder.Make(path);
            if (TryLock(path, FileMode.CreateNew) is { } held)
            {
                return (path, held);
            }
        }

        throw new IOException("the folder for fetched files (Media:FetchFolder) must allow a folder to be made and locked; it does not");
    }

    private static void DeleteIfLeft(string path)
    {
        if (!File.Exists(System.IO.Path.Combine(path, LockName)))
        {
            try
            {
                // Its maker died, or has not locked it yet; empty, it holds nothing either way.
                Directory.Delete(path, recursive: false);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                // Not empty, or another user's: not ours to judge.
            }

            return;
        }

        using FileStream? held = TryLock(path, FileMode.Open);
        if (held is not null)
        {
            TryDelete(path);
        }
    }

    // The lock ends with its process, however that ends. A lock on a file that has been deleted meanwhile is none.
    private static FileStream? TryLock(string path, FileMode mode)
    {
        string name = System.IO.Path.Combine(path, LockName);
        FileStream? held = null;
        try
        {
            held = new FileStream(name, mode, FileAccess.ReadWrite, FileShare.None);
            if (File.Exists(name))
            {
                return held;
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // In use, gone, or another user's.
        }

        held?.Dispose();
        return null;
    }

    private static void TryDelete(string path)
    {
        try
        {
            Directory.Delete(path, recursive: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // The next start tries again.
        }
    }
}
