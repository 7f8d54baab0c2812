using Qwen3VL.Batch.Faults;
using Qwen3VL.Batch.Faults.Control;
using Qwen3VL.Batch.Storage;

namespace Qwen3VL.Batch.FaultWorker;

/// <summary>Sees the calls of <see cref="IOutbox"/>; without the guard of confirms, deletes rows before they are sent.</summary>
internal sealed class OutboxObserver(IOutbox outbox, ICrashPoints points, bool waitsForConfirms) : ICallObserver
{
    /// <inheritdoc/>
    public Task BeforeAsync(string method, object?[] arguments)
    {
        if (method == nameof(IOutbox.DeleteAsync))
        {
            points.Reach(ReachedPoint.AfterSend);
        }

        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public async Task AfterAsync(string method, object?[] arguments, object? result)
    {
        if (!waitsForConfirms && method == nameof(IOutbox.TakeAsync) && result is IReadOnlyList<OutboxMessage> { Count: > 0 } messages)
        {
            await outbox.DeleteAsync([.. messages.Select(message => message.Id)], CancellationToken.None);
        }

        if (method == nameof(IOutbox.TakeAsync) && result is IReadOnlyList<OutboxMessage> { Count: > 0 })
        {
            points.Reach(ReachedPoint.BeforeSend);
        }
    }
}
