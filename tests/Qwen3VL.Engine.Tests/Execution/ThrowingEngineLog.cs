using Qwen3VL.Engine.Diagnostics;

namespace Qwen3VL.Engine.Tests.Execution;

/// <summary>A log that breaks its promise at every call.</summary>
internal sealed class ThrowingEngineLog : IEngineLog
{
    public void Started(EngineDescription description, int numKvBlocks) => throw new InvalidOperationException();

    public void UnknownKeys(string file, IReadOnlyList<string> keys) => throw new InvalidOperationException();

    public void WeightsLoading(long loadedBytes, long totalBytes) => throw new InvalidOperationException();

    public void UnusedTensors(int count, IReadOnlyList<string> firstNames) => throw new InvalidOperationException();

    public void ScalingFactorDiffers(double factor, int maxPositions, int originalMaxPositions) => throw new InvalidOperationException();

    public void RequestFinished(long requestId, FinishReason reason, GenerationUsage usage) => throw new InvalidOperationException();

    public void RequestFailed(long requestId, Exception failure) => throw new InvalidOperationException();

    public void SequencePreempted(long requestId) => throw new InvalidOperationException();

    public void Failed(Exception failure) => throw new InvalidOperationException();
}
