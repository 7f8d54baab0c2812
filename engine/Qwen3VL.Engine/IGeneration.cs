namespace Qwen3VL.Engine;

/// <summary>One request inside the engine.</summary>
public interface IGeneration
{
    /// <summary>Unique within the engine's life.</summary>
    long RequestId { get; }

    /// <summary>
    /// The whole result. Faults with <see cref="InvalidRequestException"/> for a request that cannot run and with
    /// <see cref="EngineInvariantException"/> when the engine stopped. An abort completes it with <see cref="FinishReason.Aborted"/>.
    /// </summary>
    Task<GenerationResult> Completion { get; }

    /// <summary>Text as it is produced; whole characters only. May be enumerated once; the concatenation equals the result's text.</summary>
    IAsyncEnumerable<string> ReadTextAsync(CancellationToken cancellationToken);

    /// <summary>
    /// As <see cref="ReadTextAsync"/>, with the log-probabilities that the request asks for: joined, they equal those of the result. A
    /// generation is read by one of the two, once.
    /// </summary>
    IAsyncEnumerable<GenerationPiece> ReadPiecesAsync(CancellationToken cancellationToken);

    /// <summary>Asks the engine to stop this request between two steps. Idempotent; never blocks.</summary>
    void Abort();
}
