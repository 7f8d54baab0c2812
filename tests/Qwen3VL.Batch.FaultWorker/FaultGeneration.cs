using System.Runtime.CompilerServices;
using Qwen3VL.Engine;

namespace Qwen3VL.Batch.FaultWorker;

/// <summary>A request inside <see cref="FaultEngine"/>.</summary>
internal sealed class FaultGeneration : IGeneration
{
    private readonly Action _abort;

    /// <summary>Begins to answer.</summary>
    /// <param name="requestId">Unique within the engine.</param>
    /// <param name="answer">Makes the result; its token fires on abort.</param>
    public FaultGeneration(long requestId, Func<CancellationToken, Task<GenerationResult>> answer)
    {
        // Not disposed: it has no timer, and an abort may come at any time.
        var abort = new CancellationTokenSource();
        _abort = abort.Cancel;
        RequestId = requestId;
        Completion = answer(abort.Token);
    }

    /// <inheritdoc/>
    public long RequestId { get; }

    /// <inheritdoc/>
    public Task<GenerationResult> Completion { get; }

    /// <inheritdoc/>
    public async IAsyncEnumerable<string> ReadTextAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        yield return (await Completion.WaitAsync(cancellationToken)).Text;
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<GenerationPiece> ReadPiecesAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        yield return new GenerationPiece((await Completion.WaitAsync(cancellationToken)).Text, []);
    }

    /// <inheritdoc/>
    public void Abort() => _abort();
}
