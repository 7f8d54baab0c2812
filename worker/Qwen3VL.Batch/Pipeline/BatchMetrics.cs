using System.Diagnostics.Metrics;

namespace Qwen3VL.Batch.Pipeline;

/// <summary>Counters of meter <c>Qwen3VL.Batch</c>, for any collector that listens to .NET meters. Safe from any thread.</summary>
internal sealed class BatchMetrics
{
    /// <summary>Name of the meter.</summary>
    public const string MeterName = "Qwen3VL.Batch";

    private readonly Counter<long> _groupsClaimed;
    private readonly Counter<long> _chunksCompleted;
    private readonly Counter<long> _chunksFailed;
    private readonly Counter<long> _chunksSuperseded;
    private readonly Counter<long> _leasesLost;
    private readonly Counter<long> _outboxSent;
    private readonly Counter<long> _outboxPostponed;
    private readonly Counter<long> _outboxUnrouted;
    private readonly Counter<long> _deadLetters;

    /// <summary>Creates the counters; the factory owns the meter.</summary>
    public BatchMetrics(IMeterFactory meters)
    {
        Meter meter = meters.Create(MeterName);
        _groupsClaimed = meter.CreateCounter<long>("qwen3vl.batch.groups.claimed", "{group}", "Groups leased by this worker.");
        _chunksCompleted = meter.CreateCounter<long>("qwen3vl.batch.chunks.completed", "{chunk}", "Chunks whose results this worker stored.");
        _chunksFailed = meter.CreateCounter<long>("qwen3vl.batch.chunks.failed", "{chunk}", "Chunks given up, by error code.");
        _chunksSuperseded = meter.CreateCounter<long>("qwen3vl.batch.chunks.superseded", "{chunk}", "Chunks that had ended before this worker could store them.");
        _leasesLost = meter.CreateCounter<long>("qwen3vl.batch.leases.lost", "{lease}", "Leases that ended before their work did.");
        _outboxSent = meter.CreateCounter<long>("qwen3vl.batch.outbox.sent", "{message}", "Events that the broker confirmed.");
        _outboxPostponed = meter.CreateCounter<long>("qwen3vl.batch.outbox.postponed", "{message}", "Sendings that failed or whose outcome is unknown.");
        _outboxUnrouted = meter.CreateCounter<long>("qwen3vl.batch.outbox.unrouted", "{message}", "Events that no queue was bound for.");
        _deadLetters = meter.CreateCounter<long>("qwen3vl.batch.dead_letters", "{message}", "Dead letters that this worker recorded, by source.");
        _ = meter.CreateObservableGauge("qwen3vl.batch.broker.blocked", () => BrokerBlocked ? 1 : 0, null, "Whether the broker takes no messages at present: an alarm of its memory or disk.");
    }

    /// <summary>Whether the broker takes no messages at present.</summary>
    public bool BrokerBlocked { get; set; }

    /// <summary>Counts leased groups.</summary>
    public void GroupsClaimed(int count) => _groupsClaimed.Add(count);

    /// <summary>Counts a stored chunk.</summary>
    public void ChunkCompleted() => _chunksCompleted.Add(1);

    /// <summary>Counts a chunk given up.</summary>
    public void ChunkFailed(string code) => _chunksFailed.Add(1, new KeyValuePair<string, object?>("error.type", code));

    /// <summary>Counts a chunk that had ended before.</summary>
    public void ChunkSuperseded() => _chunksSuperseded.Add(1);

    /// <summary>Counts a lost lease.</summary>
    public void LeaseLost() => _leasesLost.Add(1);

    /// <summary>Counts sent events.</summary>
    public void OutboxSent(int count) => _outboxSent.Add(count);

    /// <summary>Counts events that nobody had subscribed to.</summary>
    public void OutboxUnrouted(int count) => _outboxUnrouted.Add(count);

    /// <summary>Counts a dead letter.</summary>
    public void DeadLetterRecorded(string source) => _deadLetters.Add(1, new KeyValuePair<string, object?>("source", source));

    /// <summary>Counts a sending that has to be repeated.</summary>
    public void OutboxPostponed() => _outboxPostponed.Add(1);
}
