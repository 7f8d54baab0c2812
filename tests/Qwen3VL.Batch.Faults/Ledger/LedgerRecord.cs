using System.Text.Json.Serialization;

namespace Qwen3VL.Batch.Faults.Ledger;

/// <summary>One line of a ledger file: what happened, told by who did it or saw it, outside of the system under test.</summary>
/// <param name="Event">One of <see cref="LedgerEvent"/>.</param>
internal sealed record LedgerRecord(string Event)
{
    /// <summary>When, by the clock of the process that wrote it.</summary>
    public DateTimeOffset At { get; init; }

    /// <summary>Process that wrote it.</summary>
    public int Pid { get; init; }

    /// <summary>Idempotency key, message id or name of a fault.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Key { get; init; }

    /// <summary>Job.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Guid? Job { get; init; }

    /// <summary>Chunk.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Chunk { get; init; }

    /// <summary>Fence of the lease.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? Fence { get; init; }

    /// <summary>How it ended, or the routing key of an event.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Note { get; init; }
}
