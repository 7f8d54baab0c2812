namespace Qwen3VL.Batch.Storage;

/// <summary>Which job holds an idempotency key.</summary>
internal sealed record KeyHolder
{
    /// <summary>The job.</summary>
    public Guid JobId { get; init; }

    /// <summary>The bodies are the same.</summary>
    public bool SameBody { get; init; }
}
