using Qwen3VL.Batch.Results;

namespace Qwen3VL.Batch.Pipeline;

/// <summary>Does the work of one chunk: media, requests, parsing. Knows nothing of leases or the broker.</summary>
internal interface IChunkExecutor
{
    /// <summary>Runs the chunk.</summary>
    /// <exception cref="ContentException">The chunk cannot be done.</exception>
    /// <exception cref="OperationCanceledException">The token fired; requests in the engine are aborted before this returns.</exception>
    Task<ChunkResult> ExecuteAsync(ChunkContext context, CancellationToken cancellationToken);
}
