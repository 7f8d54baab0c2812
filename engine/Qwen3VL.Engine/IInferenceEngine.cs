namespace Qwen3VL.Engine;

/// <summary>
/// The door of the engine: chat requests of ordered text, image and video parts in, generated text out. Implementations run the model in
/// this process or speak to a server; callers know nothing of tensors, blocks or what a token means.
/// </summary>
/// <remarks>All members are safe to call from any thread.</remarks>
public interface IInferenceEngine : IAsyncDisposable
{
    /// <summary>What is loaded and how much of it fits: constant after construction.</summary>
    EngineDescription Description { get; }

    /// <summary>Whether it computes. A read of counters: cheap, and it answers when the engine does not.</summary>
    EngineProgress Progress { get; }

    /// <summary>
    /// Queues a request. The returned handle streams text and completes with the whole result. A request that can never run (too long,
    /// malformed media) completes with <see cref="InvalidRequestException"/>; the engine goes on.
    /// </summary>
    /// <param name="request">The request; copied, the caller may reuse its lists after the call.</param>
    /// <param name="cancellationToken">Cancels the wait for a place in the bounded queue, not the generation: see <see cref="IGeneration.Abort"/>.</param>
    ValueTask<IGeneration> SubmitAsync(GenerationRequest request, CancellationToken cancellationToken);

    /// <summary>Stops intake (later submissions are refused) and completes when everything accepted has finished.</summary>
    Task DrainAsync(CancellationToken cancellationToken);
}
