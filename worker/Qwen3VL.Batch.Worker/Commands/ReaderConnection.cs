using Qwen3VL.Batch.Storage;

namespace Qwen3VL.Batch.Worker.Commands;

/// <summary>An open reader with what must be closed after it. Owner: the command.</summary>
/// <param name="Reader">The reader.</param>
/// <param name="Resource">Closed with this; null when there is nothing to close.</param>
internal sealed record ReaderConnection(IResultReader Reader, IAsyncDisposable? Resource) : IAsyncDisposable
{
    /// <inheritdoc/>
    public ValueTask DisposeAsync() => Resource?.DisposeAsync() ?? ValueTask.CompletedTask;
}
