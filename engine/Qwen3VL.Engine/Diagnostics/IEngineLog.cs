namespace Qwen3VL.Engine.Diagnostics;

/// <summary>
/// What the engine reports about itself: ids and counts, never text. The host turns it into log lines. Called by the engine
/// thread, the start by the thread that loads; implementations return quickly and must not throw; what one throws is dropped.
/// </summary>
public interface IEngineLog
{
    /// <summary>The engine accepts requests.</summary>
    /// <param name="description">What is loaded.</param>
    /// <param name="numKvBlocks">Blocks of 16 tokens in the KV cache.</param>
    void Started(EngineDescription description, int numKvBlocks);

    /// <summary>The model's configuration has keys that this engine does not know; said once, at the start, before <see cref="Started"/>.</summary>
    /// <param name="file">Name of the file.</param>
    /// <param name="keys">Paths of the keys: a bounded number, each of bounded length and printable.</param>
    void UnknownKeys(string file, IReadOnlyList<string> keys);

    /// <summary>Weights are being loaded; said every few seconds, so not at all when loading is quick.</summary>
    /// <param name="loadedBytes">Bytes read.</param>
    /// <param name="totalBytes">Bytes of all tensors; some may not be needed.</param>
    void WeightsLoading(long loadedBytes, long totalBytes);

    /// <summary>The checkpoint has tensors that change no answer of the model and are not used; said once, when the weights are loaded.</summary>
    /// <param name="count">How many.</param>
    /// <param name="firstNames">Names of the first: a bounded number, each of bounded length and printable.</param>
    void UnusedTensors(int count, IReadOnlyList<string> firstNames);

    /// <summary>The stated factor of YaRN, which is used, is not the configured context over the trained one; said once, when the model is loaded.</summary>
    /// <param name="factor">The factor.</param>
    /// <param name="maxPositions">The configured context in positions.</param>
    /// <param name="originalMaxPositions">The trained context in positions.</param>
    void ScalingFactorDiffers(double factor, int maxPositions, int originalMaxPositions);

    /// <summary>A request ended.</summary>
    void RequestFinished(long requestId, FinishReason reason, GenerationUsage usage);

    /// <summary>A request failed while it ran, by itself; the engine goes on. Does nothing unless it is implemented.</summary>
    void RequestFailed(long requestId, Exception failure)
    {
    }

    /// <summary>A sequence lost its blocks to an older one and will be computed again.</summary>
    void SequencePreempted(long requestId);

    /// <summary>The engine stopped on a failure; every open request fails with it.</summary>
    void Failed(Exception failure);
}
