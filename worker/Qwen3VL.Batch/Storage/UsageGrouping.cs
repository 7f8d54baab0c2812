namespace Qwen3VL.Batch.Storage;

/// <summary>What usage is summed over.</summary>
internal enum UsageGrouping
{
    /// <summary>Days, UTC.</summary>
    Day,

    /// <summary>Tenants.</summary>
    Tenant,

    /// <summary>Jobs; those whose month was dropped are not known one by one any more.</summary>
    Job,
}
