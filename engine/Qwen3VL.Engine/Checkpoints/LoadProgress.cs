using Qwen3VL.Engine.Diagnostics;

namespace Qwen3VL.Engine.Checkpoints;

/// <summary>
/// Counts the bytes of a checkpoint that have been read and says so now and then: a load of seconds says nothing, one of minutes is seen to
/// live. Used by the thread that loads.
/// </summary>
/// <param name="totalBytes">Bytes of all tensors.</param>
/// <param name="loading">Log and clock.</param>
internal sealed class LoadProgress(long totalBytes, WeightLoading loading)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    private readonly GuardedEngineLog _log = new(loading.Log);
    private long _reported = loading.Time.GetTimestamp();
    private long _loadedBytes;

    /// <summary>Adds bytes that are done.</summary>
    internal void Add(long bytes)
    {
        _loadedBytes += bytes;
        if (loading.Time.GetElapsedTime(_reported) >= Interval)
        {
            _reported = loading.Time.GetTimestamp();
            _log.WeightsLoading(_loadedBytes, totalBytes);
        }
    }
}
