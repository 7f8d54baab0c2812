namespace Qwen3VL.Batch.Media.Fetching;

/// <summary>
/// A folder of this process for fetched files, readable by its user alone, below a folder that several processes may share. It is deleted at the end;
/// what a killed process left is deleted by the next one that starts, which the file lock in each folder tells apart from what is in use.
/// </summary>
internal sealed class FetchFolder : IDisposable
{
    private const string Prefix = "qwen3vl-fetch-";
    private const string LockName = "lock";
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    // Another process that cleans may take a folder in the moment between its making and its locking: a new name is tried then.
    private const int Tries = 10;

    private readonly FileStream _lock;

    private FetchFolder(string path, FileStream held) => (Path, _lock) = (path, held);

    /// <summary>Absolute path.</summary>
    public string Path { get; }

    /// <summary>Deletes what dead processes left, and makes a new folder.</summary>
    /// <param name="parent">Where; empty: the system's folder for temporary files. Made, for its user alone, when it is not there.</param>
    /// <exception cref="IOException">It cannot be made.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be made.</exception>
    public static FetchFolder Open(string parent)
    {
        string shared = System.IO.Path.GetFullPath(parent.Length > 0 ? parent : System.IO.Path.GetTempPath());
        if (!Directory.Exists(shared))
        {
            MakePrivate(shared);
        }

        foreach (string old in Directory.EnumerateDirectories(shared, Prefix + "*"))
        {
            DeleteIfLeft(old);
        }

        for (int i = 0; i < Tries; i++)
        {
            string path = System.IO.Path.Combine(shared, Prefix + System.IO.Path.GetRandomFileName());
            MakePrivate(path);
            if (TryLock(path, FileMode.CreateNew) is { } held)
            {
                return new FetchFolder(path, held);
            }
        }

        throw new IOException("the folder for fetched files (Media:FetchFolder) must allow a folder to be made and locked; it does not");
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        TryDelete(Path);
        _lock.Dispose();
    }

    private static void MakePrivate(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            // Access lists are inherited there.
            Directory.CreateDirectory(path);
        }
        else
        {
            Directory.CreateDirectory(path, OwnerOnly);
        }
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
