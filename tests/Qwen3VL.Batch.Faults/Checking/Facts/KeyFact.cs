namespace Qwen3VL.Batch.Faults.Checking.Facts;

/// <summary>A row of idempotency_keys, or of rejections (job null).</summary>
internal sealed record KeyFact(long TenantId, string Key, Guid? Job);
