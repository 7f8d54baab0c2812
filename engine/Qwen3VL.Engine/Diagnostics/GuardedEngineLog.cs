using System.Diagnostics.CodeAnalysis;

namespace Qwen3VL.Engine.Diagnostics;

/// <summary>
/// Reports to another log and drops what that throws: a host's log that breaks its promise must fail neither requests nor the engine thread.
/// </summary>
/// <param name="inner">The host's log.</param>
internal sealed class GuardedEngineLog(IEngineLog inner) : IEngineLog
{
    /// <inheritdoc/>
    public void Started(EngineDescription description, int numKvBlocks) => Report(() => inner.Started(description, numKvBlocks));

    /// <inheritdoc/>
    public void UnknownKeys(string file, IReadOnlyList<string> keys) => Report(() => inner.UnknownKeys(file, keys));

    /// <inheritdoc/>
    public void WeightsLoading(long loadedBytes, long totalBytes) => Report(() => inner.WeightsLoading(loadedBytes, totalBytes));

    /// <inheritdoc/>
    public void UnusedTensors(int count, IReadOnlyList<string> firstNames) => Report(() => inner.UnusedTensors(count, firstNames));

    /// <inheritdoc/>
    public void ScalingFactorDiffers(double factor, int maxPositions, int originalMaxPositions) =>
        Report(() => inner.ScalingFactorDiffers(factor, maxPositions, originalMaxPositions));

    /// <inheritdoc/>
    public void RequestFinished(long requestId, FinishReason reason, GenerationUsage usage) => Report(() => inner.RequestFinished(requestId, reason, usage));

    /// <inheritdoc/>
    public void RequestFailed(long requestId, Exception failure) => Report(() => inner.RequestFailed(requestId, failure));

    /// <inheritdoc/>
    public void SequencePreempted(long requestId) => Report(() => inner.SequencePreempted(requestId));

    /// <inheritdoc/>
    public void Failed(Exception failure) => Report(() => inner.Failed(failure));

    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "The log belongs to the host; there is nowhere to report that reporting failed.")]
    private static void Report(Action report)
    {
        try
        {
            report();
        }
        catch (Exception)
        {
            // Dropped: see the type's summary.
        }
    }
}
