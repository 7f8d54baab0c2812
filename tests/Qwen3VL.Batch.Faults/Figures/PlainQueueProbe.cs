using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Dapper;
using Npgsql;

namespace Qwen3VL.Batch.Faults.Figures;

/// <summary>
/// The smallest queue in PostgreSQL, by its own pgbench: delete the oldest row that nobody has locked, one a transaction. No lease, no retry, no
/// result: what the database does on this machine when a queue asks for nothing else.
/// </summary>
internal static partial class PlainQueueProbe
{
    private const string Fill = "CREATE TABLE plain AS SELECT n AS id, repeat('x', 200) AS body FROM generate_series(1, 500000) n; ALTER TABLE plain ADD PRIMARY KEY (id); ANALYZE plain";

    private const string Script = "DELETE FROM plain WHERE id = (SELECT id FROM plain ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED);\n";

    /// <summary>Makes the table.</summary>
    public static async Task PrepareAsync(string database, CancellationToken cancellationToken)
    {
        await using var connection = new NpgsqlConnection(database + ";Pooling=false;Command Timeout=120");
        await connection.ExecuteAsync(new CommandDefinition(Fill, cancellationToken: cancellationToken));
    }

    /// <summary>Transactions a second with so many clients; null when pgbench is not installed.</summary>
    public static async Task<double?> RunAsync(string database, int clients, TimeSpan time, CancellationToken cancellationToken)
    {
        var connection = new NpgsqlConnectionStringBuilder(database);
        string script = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(script, Script, cancellationToken);
            string seconds = string.Create(CultureInfo.InvariantCulture, $"{Math.Max(1, (int)time.TotalSeconds)}");
            string count = clients.ToString(CultureInfo.InvariantCulture);
            var start = new ProcessStartInfo("pgbench") { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
            foreach (string argument in (string[])["-n", "-f", script, "-c", count, "-j", "2", "-T", seconds, "-h", "127.0.0.1", "-p", connection.Port.ToString(CultureInfo.InvariantCulture), "-U", connection.Username ?? "", connection.Database ?? ""])
            {
                start.ArgumentList.Add(argument);
            }

            start.Environment["PGPASSWORD"] = connection.Password;
            using Process? process = Process.Start(start);
            if (process is null)
            {
                return null;
            }

            string output = await process.StandardOutput.ReadToEndAsync(cancellationToken);
            await process.WaitForExitAsync(cancellationToken);
            Match match = Rate().Match(output);
            return match.Success ? double.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture) : null;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
        finally
        {
            File.Delete(script);
        }
    }

    [GeneratedRegex(@"tps = ([0-9.]+) \(without")]
    private static partial Regex Rate();
}
