namespace Qwen3VL.TestKit.Servers;

/// <summary>Finds the programs of the servers: in PATH, then where Debian puts them.</summary>
public static class ServerPrograms
{
    /// <summary>A program of PostgreSQL, the newest that is installed.</summary>
    /// <exception cref="FileNotFoundException">It is not installed.</exception>
    public static string Postgres(string program)
    {
        IEnumerable<string> versions = Directory.Exists("/usr/lib/postgresql")
            ? Directory.GetDirectories("/usr/lib/postgresql").OrderByDescending(path => path, StringComparer.Ordinal)
            : [];
        return Find(program, versions.Select(version => Path.Combine(version, "bin")));
    }

    /// <summary>
    /// A script of RabbitMQ. The package's own folder comes first: the wrapper of the same name in PATH changes the user and the folder.
    /// </summary>
    /// <exception cref="FileNotFoundException">It is not installed.</exception>
    public static string RabbitMq(string program)
    {
        string packaged = Path.Combine("/usr/lib/rabbitmq/bin", program);
        return File.Exists(packaged) ? packaged : Find(program, []);
    }

    /// <summary>A program in PATH or in one of the folders.</summary>
    /// <exception cref="FileNotFoundException">It is not installed.</exception>
    public static string Find(string program, IEnumerable<string> folders)
    {
        IEnumerable<string> path = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries);
        return path.Concat(folders).Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists)
            ?? throw new FileNotFoundException($"{program} must be installed; it is neither in PATH nor where the package puts it");
    }
}
