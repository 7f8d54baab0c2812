using Qwen3VL.Batch.Results;

namespace Qwen3VL.Batch.Pipeline;

/// <summary>Sums what one execution of a chunk costs, so that it is known however the execution ends. Safe from any thread.</summary>
internal sealed class UsageMeter
{
    private readonly Lock _gate = new();
    private ChunkUsage _usage = ChunkUsage.None;

    /// <summary>Sum over the requests that have ended so far.</summary>
    public ChunkUsage Usage
    {
        get
        {
            lock (_gate)
            {
                return _usage;
            }
        }
    }

    /// <summary>Adds the cost of a request that has ended.</summary>
    public void Add(ChunkUsage usage)
    {
        lock (_gate)
        {
            _usage = new ChunkUsage(
                _usage.Requests + usage.Requests,
                _usage.PromptTokens + usage.PromptTokens,
                _usage.CachedTokens + usage.CachedTokens,
                _usage.ImageTokens + usage.ImageTokens,
                _usage.OutputTokens + usage.OutputTokens,
                _usage.EngineMicroseconds + usage.EngineMicroseconds);
        }
    }
}
