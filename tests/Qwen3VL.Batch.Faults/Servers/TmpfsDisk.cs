using System.Globalization;
using Npgsql;
using Qwen3VL.TestKit.Servers;

namespace Qwen3VL.Batch.Faults.Servers;

/// <summary>
/// A small disk in memory that a database is moved to, so that it can be filled without filling anybody else's. Only root can mount one. The log
/// of transactions stays where it was: a server without room for it stops, as it should.
/// </summary>
internal sealed class TmpfsDisk
{
    private const string Tablespace = "small";

    private readonly string _folder;

    private TmpfsDisk(string folder) => _folder = folder;

    private string Filler => Path.Combine(_folder, "filler");

    /// <summary>Why there can be none here; null when there can.</summary>
    public static string? WhyNot() => Environment.IsPrivilegedProcess ? null : "only root can mount a file system of its own";

    /// <summary>Mounts one of so many MiB.</summary>
    public static async Task<TmpfsDisk> MountAsync(string folder, int megaBytes)
    {
        Directory.CreateDirectory(folder);
        string size = string.Create(CultureInfo.InvariantCulture, $"size={megaBytes}m,mode=0777");
        await ServerProcess.RunAsync(["mount", "-t", "tmpfs", "-o", size, "tmpfs", folder], CancellationToken.None);

        // The server is another user: it must be able to pass the folder above.
        await ServerProcess.RunAsync(["chmod", "o+x", Path.GetDirectoryName(folder) ?? folder], CancellationToken.None);
        string data = Path.Combine(folder, "data");
        Directory.CreateDirectory(data);
        await ServerProcess.RunAsync(["chown", "postgres:postgres", data], CancellationToken.None);
        return new TmpfsDisk(folder);
    }

    /// <summary>Moves a database here; nobody may be connected to it.</summary>
    public async Task TakeDatabaseAsync(string server, string database)
    {
        await ExecuteAsync(server, $"CREATE TABLESPACE {Tablespace} LOCATION '{Path.Combine(_folder, "data")}'");
        await ExecuteAsync(server, $"ALTER DATABASE {NameOf(database)} SET TABLESPACE {Tablespace}");
    }

    /// <summary>Takes all room that is left.</summary>
    public void Fill()
    {
        byte[] block = new byte[1 << 16];
        using var file = new FileStream(Filler, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
        try
        {
            while (true)
            {
                file.Write(block);
            }
        }
        catch (IOException)
        {
            // Full, to the last page that a whole block does not fit into.
        }
    }

    /// <summary>Gives the room back.</summary>
    public void Free() => File.Delete(Filler);

    /// <summary>Drops the database and unmounts.</summary>
    public async Task RemoveAsync(string server, string database)
    {
        await ExecuteAsync(server, $"DROP DATABASE IF EXISTS {NameOf(database)} WITH (FORCE)");
        await ExecuteAsync(server, $"DROP TABLESPACE IF EXISTS {Tablespace}");
        await ServerProcess.RunAsync(["umount", "-l", _folder], CancellationToken.None);
    }

    private static string? NameOf(string database) => new NpgsqlConnectionStringBuilder(database).Database;

    private static async Task ExecuteAsync(string server, string sql)
    {
        await using var connection = new NpgsqlConnection(server + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}
