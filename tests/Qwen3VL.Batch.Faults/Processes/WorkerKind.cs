namespace Qwen3VL.Batch.Faults.Processes;

/// <summary>Which program a worker process is.</summary>
internal enum WorkerKind
{
    /// <summary>The product's worker over the deterministic engine.</summary>
    Deterministic,

    /// <summary>The product: <c>qwen3vl-batch worker</c> with the bundled model.</summary>
    Product,
}
