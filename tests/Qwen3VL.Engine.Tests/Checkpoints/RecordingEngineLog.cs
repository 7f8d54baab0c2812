using Qwen3VL.Engine.Diagnostics;

namespace Qwen3VL.Engine.Tests.Checkpoints;

/// <summary>Keeps what loading reports.</summary>
internal sealed class RecordingEngineLog : IEngineLog
{
    internal List<string> Progress { get; } = [];

    internal List<string> Unused { get; } = [];

    internal List<string> ScalingFactors { get; } = [];

    internal List<long> FailedRequests { get; } = [];

    public void Started(EngineDescription description, int numKvBlocks)
    {
    }

    public void UnknownKeys(string file, IReadOnlyList<string> keys)
    {
    }

    public void WeightsLoading(long loadedBytes, long totalBytes) => Progress.Add($"{loadedBytes} of {totalBytes}");

    public void UnusedTensors(int count, IReadOnlyList<string> firstNames) => Unused.Add($"{count}: {string.Join(", ", firstNames)}");

    public void ScalingFactorDiffers(double factor, int maxPositions, int originalMaxPositions) =>
        ScalingFactors.Add(FormattableString.Invariant($"{factor}: {maxPositions} / {originalMaxPositions}"));

    public void RequestFinished(long requestId, FinishReason reason, GenerationUsage usage)
    {
    }

    public void RequestFailed(long requestId, Exception failure) => FailedRequests.Add(requestId);

    public void SequencePreempted(long requestId)
    {
    }

    public void Failed(Exception failure)
    {
    }
}
