using System.Text.Json;

namespace Qwen3VL.Batch.Faults.Ledger;

/// <summary>
/// An append-only file of records, one JSON line each, on the disk before <see cref="Append"/> returns: what a process says it did survives
/// its death at the next instruction. Safe from any thread; one writer process for each file.
/// </summary>
internal sealed class LedgerFile : IDisposable
{
    private readonly FileStream _file;
    private readonly TimeProvider _time;
    private readonly Lock _gate = new();

    /// <summary>Opens or goes on with a file.</summary>
    public LedgerFile(string path, TimeProvider time)
    {
        _file = new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.Read, bufferSize: 0);
        _time = time;
    }

    /// <summary>Writes a record, with the time and this process.</summary>
    public void Append(LedgerRecord record)
    {
        byte[] line = [.. JsonSerializer.SerializeToUtf8Bytes(record with { At = _time.GetUtcNow(), Pid = Environment.ProcessId }), (byte)'\n'];
        lock (_gate)
        {
            _file.Write(line);
            _file.Flush(flushToDisk: true);
        }
    }

    /// <summary>Reads files; a last line without its end, which a dying process leaves, is passed over.</summary>
    /// <exception cref="JsonException">Another line is broken.</exception>
    public static IReadOnlyList<LedgerRecord> ReadAll(IEnumerable<string> paths)
    {
        var records = new List<LedgerRecord>();
        foreach (string path in paths)
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            using var text = new StreamReader(file);
            string whole = text.ReadToEnd();
            int end = whole.LastIndexOf('\n') + 1;
            foreach (string line in whole[..end].Split('\n', StringSplitOptions.RemoveEmptyEntries))
            {
                records.Add(JsonSerializer.Deserialize<LedgerRecord>(line) ?? throw new JsonException("a ledger line must hold a record; got null"));
            }
        }

        return [.. records.OrderBy(record => record.At)];
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();
}
