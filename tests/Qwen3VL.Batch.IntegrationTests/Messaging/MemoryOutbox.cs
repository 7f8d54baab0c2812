using System.Collections.Concurrent;
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

    /// <summary>Rows that were given up, with the error.</summary>
    public ConcurrentQueue<(OutboxMessage Message, string Error)> GivenUp { get; } = new();

    /// <summary>Postponed sendings: row, error, and whether the broker surely did not take it.</summary>
    public ConcurrentQueue<(Guid Id, string Error, bool Refused)> Postponed { get; } = new();

    /// <summary>Rows whose hold was made longer while their sending was under way.</summary>
    public ConcurrentQueue<Guid> Held { get; } = new();

    /// <summary>Longest pause before a postponed row is due again.</summary>
    public TimeSpan MaxDelay { get; set; } = TimeSpan.MaxValue;

    public Guid Add(string messageType, string body, string destination = "vq.events", string headers = "{}")
    {
        Guid id = Guid.CreateVersion7(TimeProvider.System.GetUtcNow());
        lock (_gate)
        {
            _rows[id] = (new OutboxMessage(id, messageType, body, 0, destination, headers), DateTimeOffset.MinValue);
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

    public Task HoldAsync(IReadOnlyList<Guid> ids, TimeSpan holdTime, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            foreach (Guid id in ids.Where(_rows.ContainsKey))
            {
                _rows[id] = (_rows[id].Message, TimeProvider.System.GetUtcNow() + holdTime);
                Held.Enqueue(id);
            }
        }

        return Task.CompletedTask;
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

    public Task GiveUpAsync(Guid id, string error, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (_rows.Remove(id, out (OutboxMessage Message, DateTimeOffset Due) row))
            {
                GivenUp.Enqueue((row.Message, error));
            }
        }

        return Task.CompletedTask;
    }

    public Task PostponeAsync(Guid id, TimeSpan delay, string error, bool refused, CancellationToken cancellationToken)
    {
        Postponed.Enqueue((id, error, refused));
        TimeSpan pause = delay < MaxDelay ? delay : MaxDelay;
        lock (_gate)
        {
            if (_rows.TryGetValue(id, out (OutboxMessage Message, DateTimeOffset Due) row))
            {
                _rows[id] = (row.Message with { Tries = row.Message.Tries + (refused ? 1 : 0) }, TimeProvider.System.GetUtcNow() + pause);
            }
        }

        return Task.CompletedTask;
    }
}
