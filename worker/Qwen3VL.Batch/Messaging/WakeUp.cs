using Qwen3VL.Batch.Pipeline;

namespace Qwen3VL.Batch.Messaging;

/// <summary>
/// Hints that something can be done now. Each only shortens a wait: polling finds everything without them. Safe from any thread, never blocks.
/// </summary>
internal sealed class WakeUp
{
    /// <summary>Heard by the claim loop: there may be groups, or a free slot.</summary>
    public Signal Work { get; } = new();

    /// <summary>Heard by the outbox relay: there may be events.</summary>
    public Signal Outbox { get; } = new();

    /// <summary>Heard by the broadcaster: other workers should look too.</summary>
    public Signal Broadcast { get; } = new();

    /// <summary>Heard by the lease keeper: a lease may have been withdrawn, or this worker asked to drain.</summary>
    public Signal Leases { get; } = new();

    /// <summary>Heard by the watch over the broker: something that was declared seems to be gone.</summary>
    public Signal Topology { get; } = new();

    /// <summary>Groups became ready that any worker may take; also wakes the outbox.</summary>
    public void WorkCreated()
    {
        Work.Set();
        Outbox.Set();
        Broadcast.Set();
    }

    /// <summary>A slot became free here, or another worker said that there is work.</summary>
    public void WorkChanged() => Work.Set();

    /// <summary>The next heartbeat should not wait for its time.</summary>
    public void LeasesChanged() => Leases.Set();

    /// <summary>The broker returned a message, or does not know an exchange.</summary>
    public void TopologyInDoubt() => Topology.Set();

    /// <summary>A transaction here may have written events.</summary>
    public void EventsCommitted() => Outbox.Set();
}
