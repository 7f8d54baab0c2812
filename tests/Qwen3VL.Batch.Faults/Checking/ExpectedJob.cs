using Qwen3VL.Batch.Contracts.V1;
using Qwen3VL.Batch.Faults.Oracle;

namespace Qwen3VL.Batch.Faults.Checking;

/// <summary>A command that was sent, and what must come of it.</summary>
/// <param name="Key">Idempotency key.</param>
/// <param name="Source">What it reads; null when its content is not one that the oracle knows.</param>
internal sealed record ExpectedJob(string Key, SyntheticSource? Source)
{
    /// <summary>Tenant.</summary>
    public long TenantId { get; init; }

    /// <summary>Tasks.</summary>
    public IReadOnlyList<JobTaskKind> Tasks { get; init; } = [JobTaskKind.Ocr];

    /// <summary>Final states that are right; usually one.</summary>
    public IReadOnlyList<string> States { get; init; } = ["succeeded"];

    /// <summary>Pages whose chunk must be given up, and no other.</summary>
    public IReadOnlyList<int> PoisonPages { get; init; } = [];

    /// <summary>Pages whose text is not the oracle's: the engine was ordered to answer otherwise.</summary>
    public IReadOnlyList<int> HostilePages { get; init; } = [];
}
