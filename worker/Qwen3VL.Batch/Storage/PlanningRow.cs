namespace Qwen3VL.Batch.Storage;

/// <summary>A row of <see cref="PlanSql.LockPlanning"/>: what the groups of the plan take over from it.</summary>
internal sealed record PlanningRow
{
    /// <summary>Its place in the queue, UTC.</summary>
    public DateTime OrderKey { get; init; }

    /// <summary>Whose job it is.</summary>
    public long TenantId { get; init; }

    /// <summary>0..9.</summary>
    public short Priority { get; init; }
}
