namespace Qwen3VL.Engine.Diagnostics;

/// <summary>Reports nothing.</summary>
public sealed class NoEngineLog : IEngineLog
{
    /// <summary>The one instance.</summary>
    public static NoEngineLog Instance { get; } = new();

    /// <inheritdoc/>
    public void Started(EngineDescription description, int numKvBlocks)
    {
    }

    /// <inheritdoc/>
    public void UnknownKeys(string file, IReadOnlyList<string> keys)
    {
    }

    /// <inheritdoc/>
    public void WeightsLoading(long loadedBytes, long totalBytes)
    {
    }

    /// <inheritdoc/>
    public void UnusedTensors(int count, IReadOnlyList<string> firstNames)
    {
    }

    /// <inheritdoc/>
    public void ScalingFactorDiffers(double factor, int maxPositions, int originalMaxPositions)
    {
    }

    /// <inheritdoc/>
    public void RequestFinished(long requestId, FinishReason reason, GenerationUsage usage)
    {
    }

    /// <inheritdoc/>
    public void SequencePreempted(long requestId)
    {
    }

    /// <inheritdoc/>
    public void Failed(Exception failure)
    {
    }
}
