using System.Diagnostics.Metrics;
using Qwen3VL.Batch.Storage;

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
    private readonly Counter<long> _chunksRetried;
    private readonly Counter<long> _startsLost;
    private readonly Counter<long> _quarantined;
    private readonly Counter<long> _crashed;
    private readonly Counter<long> _quarantineStarted;
    private readonly Counter<long> _quarantineCrashed;
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
        _chunksRetried = meter.CreateCounter<long>("qwen3vl.batch.chunks.retried", "{chunk}", "Executions that failed and are to be repeated, by error code.");
        _startsLost = meter.CreateCounter<long>("qwen3vl.batch.starts.lost", "{chunk}", "Starts of chunks that no worker answered for.");
        _quarantined = meter.CreateCounter<long>("qwen3vl.batch.quarantined", "{chunk}", "Chunks and planning groups moved to the quarantine lane.");
        _crashed = meter.CreateCounter<long>("qwen3vl.batch.crashed", "{chunk}", "Chunks and jobs in planning given up because processes die of them.");
        _quarantineStarted = meter.CreateCounter<long>("qwen3vl.batch.quarantine.started", "{process}", "Quarantine workers that this worker started.");
        _quarantineCrashed = meter.CreateCounter<long>("qwen3vl.batch.quarantine.crashed", "{process}", "Those of them that did not end in order.");
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

    /// <summary>Counts a failed execution that is to be repeated.</summary>
    public void ChunkRetried(string code) => _chunksRetried.Add(1, new KeyValuePair<string, object?>("error.type", code));

    /// <summary>Counts what was found when leases were taken back.</summary>
    public void TookBack(TakenBack found)
    {
        _startsLost.Add(found.LostStarts);
        _quarantined.Add(found.Quarantined);
        _crashed.Add(found.Crashed);
    }

    /// <summary>Counts a started quarantine worker.</summary>
    public void QuarantineStarted() => _quarantineStarted.Add(1);

    /// <summary>Counts a quarantine worker that crashed.</summary>
    public void QuarantineCrashed() => _quarantineCrashed.Add(1);

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
