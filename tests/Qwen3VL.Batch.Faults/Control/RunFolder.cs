using System.Text.Json;

namespace Qwen3VL.Batch.Faults.Control;

/// <summary>The folder that one scenario's harness and workers share. Files are written whole and renamed, so that nobody reads a half.</summary>
/// <param name="path">Where it is; must exist.</param>
internal sealed class RunFolder(string path)
{
    private const string OrdersFile = "orders.json";

    /// <summary>Where it is.</summary>
    public string Path { get; } = path;

    /// <summary>Source root of the workers.</summary>
    public string Sources => Directory.CreateDirectory(Below("sources")).FullName;

    /// <summary>A path in it.</summary>
    public string Below(string name) => System.IO.Path.Combine(Path, name);

    /// <summary>A ledger file of its own for a process.</summary>
    public string LedgerOf(string name) => System.IO.Path.Combine(Directory.CreateDirectory(Below("ledger")).FullName, name + ".jsonl");

    /// <summary>All ledger files.</summary>
    public IReadOnlyList<string> Ledgers => [.. Directory.CreateDirectory(Below("ledger")).GetFiles("*.jsonl").Select(file => file.FullName).Order(StringComparer.Ordinal)];

    /// <summary>Replaces the orders.</summary>
    public void WriteOrders(IReadOnlyList<FaultOrder> orders)
    {
        string next = Below(OrdersFile + ".next");
        File.WriteAllBytes(next, JsonSerializer.SerializeToUtf8Bytes(orders));
        File.Move(next, Below(OrdersFile), overwrite: true);
    }

    /// <summary>The orders as they are now.</summary>
    public IReadOnlyList<FaultOrder> ReadOrders() =>
        File.Exists(Below(OrdersFile)) ? JsonSerializer.Deserialize<FaultOrder[]>(File.ReadAllBytes(Below(OrdersFile))) ?? [] : [];

    /// <summary>Opens a gate; it stays open.</summary>
    public void OpenGate(string gate) => File.WriteAllBytes(GateFile(gate), []);

    /// <summary>Whether a gate is open.</summary>
    public bool IsOpen(string gate) => File.Exists(GateFile(gate));

    /// <summary>Counts an attempt at something, over all processes; returns its number, from 1.</summary>
    /// <remarks>One byte is added for each attempt, and survives the death of the process. Not atomic: two processes that count at the same instant may
    /// both get one number. A page is in two engines only when a lease was lost, seconds apart.</remarks>
    public int CountAttempt(string what)
    {
        string folder = Directory.CreateDirectory(Below("attempts")).FullName;
        using var file = new FileStream(System.IO.Path.Combine(folder, what), FileMode.Append, FileAccess.Write, FileShare.ReadWrite);
        file.WriteByte((byte)'.');
        file.Flush();
        return (int)file.Length;
    }

    private string GateFile(string gate) => Below("gate-" + gate);
}
