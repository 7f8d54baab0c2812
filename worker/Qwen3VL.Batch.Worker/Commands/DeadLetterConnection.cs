using Qwen3VL.Batch.Storage;

namespace Qwen3VL.Batch.Worker.Commands;

/// <summary>Open dead letters with what must be closed after them. Owner: the command.</summary>
/// <param name="DeadLetters">The dead letters.</param>
/// <param name="Resource">Closed with this; null when there is nothing to close.</param>
internal sealed record DeadLetterConnection(IDeadLetters DeadLetters, IAsyncDisposable? Resource) : IAsyncDisposable
{
    /// <inheritdoc/>
    public ValueTask DisposeAsync() => Resource?.DisposeAsync() ?? ValueTask.CompletedTask;
}
