namespace Qwen3VL.Batch.Faults.Checking.Facts;

/// <summary>A row of jobs.</summary>
internal sealed record JobFact(Guid Id, long TenantId, string Key, string State, int? Total, int Done, int Failed)
{
    /// <summary>Whether the state is one that is never left.</summary>
    public bool IsFinal => State is "succeeded" or "partial" or "failed" or "cancelled";
}
