using Qwen3VL.Batch.Storage;

namespace Qwen3VL.Batch.IntegrationTests.Messaging;

/// <summary>An outbox in memory: rows stay until they are deleted, and are due again after their delay.</summary>
internal sealed class MemoryOutbox : IOutbox
{
    private readonly Lock _gate = new();
    private readonly Dictionary<Guid, (OutboxMessage Message, DateTimeOffset Due)> _rows = [];

    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _rows.Count;
            }
        }
    }

    public Guid Add(string messageType, string body)
    {
        Guid id = Guid.CreateVersion7(TimeProvider.System.GetUtcNow());
        lock (_gate)
        {
            _rows[id] = (new OutboxMessage(id, messageType, body, 0), DateTimeOffset.MinValue);
        }

        return id;
    }

    public Task<IReadOnlyList<OutboxMessage>> TakeAsync(int count, TimeSpan holdTime, CancellationToken cancellationToken)
    {
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        lock (_gate)
        {
            OutboxMessage[] due = [.. _rows.Values.Where(row => row.Due <= now).Select(row => row.Message).Take(count)];
            foreach (OutboxMessage message in due)
            {
                _rows[message.Id] = (message, now + holdTime);
            }

            return Task.FromResult<IReadOnlyList<OutboxMessage>>(due);
        }
    }

    public Task DeleteAsync(IReadOnlyList<Guid> ids, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            foreach (Guid id in ids)
            {
                _ = _rows.Remove(id);
            }
        }

        return Task.CompletedTask;
    }

    public Task PostponeAsync(Guid id, TimeSpan delay, string error, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (_rows.TryGetValue(id, out (OutboxMessage Message, DateTimeOffset Due) row))
            {
                _rows[id] = (row.Message with { Tries = row.Message.Tries + 1 }, TimeProvider.System.GetUtcNow() + delay);
            }
        }

        return Task.CompletedTask;
    }
}
