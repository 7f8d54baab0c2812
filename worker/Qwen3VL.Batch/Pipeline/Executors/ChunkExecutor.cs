using Qwen3VL.Batch.Media;
using Qwen3VL.Batch.Planning;
using Qwen3VL.Batch.Results;
using Qwen3VL.Engine;

namespace Qwen3VL.Batch.Pipeline.Executors;

/// <summary>Hands a chunk to the executor of its kind. Safe to call from several threads: all state belongs to one call.</summary>
internal sealed class ChunkExecutor(IMediaDecoder decoder, IInferenceEngine engine, PlanningOptions options) : IChunkExecutor
{
    private readonly PlanningOptions _options = options with { };
    private readonly PagesExecutor _pages = new(decoder, options);
    private readonly WindowExecutor _windows = new(decoder, engine, options);

    /// <inheritdoc/>
    public async Task<ChunkResult> ExecuteAsync(ChunkContext context, CancellationToken cancellationToken)
    {
        var requests = new ChunkRequests(engine, context, _options);
        ChunkResult result = context.Chunk.Kind switch
        {
            ChunkKind.Pages => await _pages.ExecuteAsync(context, requests, cancellationToken).ConfigureAwait(false),
            ChunkKind.Window => await _windows.ExecuteAsync(context, requests, cancellationToken).ConfigureAwait(false),
            ChunkKind.Merge => new ChunkResult { Segments = EventMerger.Merge(context.EventInputs) },
            ChunkKind.Reduce => await ReduceExecutor.ExecuteAsync(context, requests, cancellationToken).ConfigureAwait(false),
            _ => throw new ArgumentException($"chunk kind must be one that is known; got {context.Chunk.Kind}", nameof(context)),
        };
        IReadOnlyList<ParseIssue> notes = Provenance.Of(context, requests);
        return notes.Count == 0 ? result : result with { Issues = [.. result.Issues, .. notes] };
    }
}
