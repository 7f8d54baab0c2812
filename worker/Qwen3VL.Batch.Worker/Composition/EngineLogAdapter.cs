using Microsoft.Extensions.Logging;
using Qwen3VL.Engine;
using Qwen3VL.Engine.Diagnostics;

namespace Qwen3VL.Batch.Worker.Composition;

/// <summary>Turns what the engine reports into log lines.</summary>
internal sealed class EngineLogAdapter(ILogger<LlmEngine> logger) : IEngineLog
{
    private const long BytesPerMiB = 1L << 20;

    /// <inheritdoc/>
    public void Started(EngineDescription description, int numKvBlocks) =>
        logger.EngineStarted(description.ModelId, description.Backend, numKvBlocks, description.MaxSequenceTokens);

    /// <inheritdoc/>
    public void UnknownKeys(string file, IReadOnlyList<string> keys) => logger.UnknownModelKeys(file, string.Join(", ", keys));

    /// <inheritdoc/>
    public void WeightsLoading(long loadedBytes, long totalBytes) => logger.WeightsLoading(loadedBytes / BytesPerMiB, totalBytes / BytesPerMiB);

    /// <inheritdoc/>
    public void UnusedTensors(int count, IReadOnlyList<string> firstNames) => logger.UnusedTensors(count, string.Join(", ", firstNames));

    /// <inheritdoc/>
    public void ScalingFactorDiffers(double factor, int maxPositions, int originalMaxPositions) =>
        logger.ScalingFactorDiffers(factor, maxPositions, originalMaxPositions);

    /// <inheritdoc/>
    public void RequestFinished(long requestId, FinishReason reason, GenerationUsage usage) =>
        logger.RequestFinished(requestId, reason, usage.PromptTokens, usage.OutputTokens);

    /// <inheritdoc/>
    public void RequestFailed(long requestId, Exception failure) => logger.RequestFailed(requestId, failure.GetType().Name);

    /// <inheritdoc/>
    public void SequencePreempted(long requestId) => logger.SequencePreempted(requestId);

    /// <inheritdoc/>
    public void Failed(Exception failure) => logger.EngineFailed(failure.GetType().Name);
}
