namespace Qwen3VL.Batch.Storage;

/// <summary>Which usage is asked for.</summary>
/// <param name="TenantId">Of one tenant; null for all.</param>
/// <param name="From">First day, UTC.</param>
/// <param name="To">Last day, UTC.</param>
/// <param name="By">Summed over what.</param>
internal sealed record UsageQuery(long? TenantId, DateOnly From, DateOnly To, UsageGrouping By);
