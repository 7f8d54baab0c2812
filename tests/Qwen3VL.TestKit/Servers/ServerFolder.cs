namespace Qwen3VL.TestKit.Servers;

/// <summary>A folder of one private server below the system's temporary folder. Owner: the fixture; removed at the end.</summary>
public sealed class ServerFolder : IDisposable
{
    private ServerFolder(string path) => Path = path;

    /// <summary>Where it is.</summary>
    public string Path { get; }

    /// <summary>Makes one that only this user can enter.</summary>
    public static ServerFolder Create(string prefix) => new(Directory.CreateTempSubdirectory(prefix).FullName);

    /// <summary>A path below it.</summary>
    public string Below(string name) => System.IO.Path.Combine(Path, name);

    /// <summary>Makes a folder below it.</summary>
    public string CreateBelow(string name) => Directory.CreateDirectory(Below(name)).FullName;

    /// <inheritdoc/>
    public void Dispose()
    {
        if (Directory.Exists(Path))
        {
            Directory.Delete(Path, recursive: true);
        }
    }
}
