using System.Collections.Concurrent;
using Qwen3VL.Batch.Storage;

namespace Qwen3VL.Batch.IntegrationTests.Messaging;

/// <summary>Dead letters in memory: these tests are about the broker.</summary>
internal sealed class MemoryDeadLetters : IDeadLetters
{
    public ConcurrentQueue<NewDeadLetter> Recorded { get; } = new();

    public ConcurrentQueue<DeadLetterReplay> Replays { get; } = new();

    /// <summary>Runs before anything is done; throws to simulate a failure.</summary>
    public Action<NewDeadLetter?> Before { get; set; } = _ => { };

    public Task<Guid> RecordAsync(NewDeadLetter letter, CancellationToken cancellationToken)
    {
        Before(letter);
        Recorded.Enqueue(letter);
        return Task.FromResult(Guid.CreateVersion7(TimeProvider.System.GetUtcNow()));
    }

    public Task<IReadOnlyList<StoredDeadLetter>> ListAsync(DeadLetterQuery query, CancellationToken cancellationToken)
    {
        Before(null);
        return Task.FromResult<IReadOnlyList<StoredDeadLetter>>([]);
    }

    public Task<IReadOnlyList<DeadLetterAuditRow>> ReadAuditAsync(long tenantId, Guid id, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<IReadOnlyList<ReplayedLetter>> ReplayAsync(DeadLetterReplay replay, CancellationToken cancellationToken)
    {
        Replays.Enqueue(replay);
        return Task.FromResult<IReadOnlyList<ReplayedLetter>>([]);
    }

    public Task<IReadOnlyList<Guid>> DiscardAsync(long tenantId, IReadOnlyList<Guid> ids, string actor, string reason, CancellationToken cancellationToken) => throw new NotSupportedException();
}
