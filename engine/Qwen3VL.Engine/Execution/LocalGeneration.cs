using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace Qwen3VL.Engine.Execution;

/// <summary>The caller's handle of one request. Written by the engine thread, read from any thread.</summary>
internal sealed class LocalGeneration : IGeneration
{
    private readonly TaskCompletionSource<GenerationResult> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Channel<GenerationPiece> _pieces;
    private readonly Action<LocalGeneration> _abort;
    private int _isRead;
    private int _isAborted;

    /// <summary>Creates an open handle.</summary>
    /// <param name="requestId">Unique within the engine's life.</param>
    /// <param name="maxPieces">Most pieces of text that will be published: the channel holds them all, so the engine never waits for a reader.</param>
    /// <param name="abort">Tells the engine to abort; must not block.</param>
    public LocalGeneration(long requestId, int maxPieces, Action<LocalGeneration> abort)
    {
        RequestId = requestId;
        _abort = abort;

        // Full mode Wait with TryWrite: a full channel would be a broken bound, and is reported as one.
        _pieces = Channel.CreateBounded<GenerationPiece>(new BoundedChannelOptions(maxPieces)
        {
            FullMode = BoundedChannelFullMode.Wait,
            SingleReader = true,
            SingleWriter = true,
        });
    }

    /// <inheritdoc/>
    public long RequestId { get; }

    /// <inheritdoc/>
    public Task<GenerationResult> Completion => _completion.Task;

    /// <inheritdoc/>
    public IAsyncEnumerable<string> ReadTextAsync(CancellationToken cancellationToken) => TextOfAsync(ReadPiecesAsync(cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public IAsyncEnumerable<GenerationPiece> ReadPiecesAsync(CancellationToken cancellationToken) => Interlocked.Exchange(ref _isRead, 1) == 0
        ? _pieces.Reader.ReadAllAsync(cancellationToken)
        : throw new InvalidOperationException($"the text of a generation must be read once; got a second reader (request {RequestId})");

    /// <inheritdoc/>
    public void Abort()
    {
        // Told once: a caller that repeats itself must not fill the engine's queue.
        if (!_completion.Task.IsCompleted && Interlocked.Exchange(ref _isAborted, 1) == 0)
        {
            _abort(this);
        }
    }

    /// <summary>Streams a piece; one without text and without log-probabilities is dropped.</summary>
    internal void Publish(GenerationPiece piece)
    {
        if ((piece.Text.Length > 0 || piece.LogProbabilities.Count > 0) && !_pieces.Writer.TryWrite(piece))
        {
            throw new EngineInvariantException($"published pieces must be at most the output tokens and one; got more (request {RequestId})");
        }
    }

    /// <summary>Ends it with a result.</summary>
    internal void Complete(GenerationResult result)
    {
        _pieces.Writer.TryComplete();
        _completion.TrySetResult(result);
    }

    /// <summary>Ends it with a failure.</summary>
    internal void Fail(Exception failure)
    {
        _pieces.Writer.TryComplete(failure);
        _completion.TrySetException(failure);
    }

    private static async IAsyncEnumerable<string> TextOfAsync(
        IAsyncEnumerable<GenerationPiece> pieces, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (GenerationPiece piece in pieces.WithCancellation(cancellationToken).ConfigureAwait(false))
        {
            if (piece.Text.Length > 0)
            {
                yield return piece.Text;
            }
        }
    }
}
