namespace Qwen3VL.Batch.Storage;

/// <summary>A row of <see cref="PartitionSql.List"/>: one month of one table.</summary>
internal sealed record PartitionTable
{
    /// <summary>The partitioned table, without its schema.</summary>
    public string Parent { get; init; } = "";

    /// <summary>The month as <c>YYYYMM</c>.</summary>
    public string Month { get; init; } = "";

    /// <summary>It is a partition; false: it was detached and is only a table.</summary>
    public bool Attached { get; init; }

    /// <summary>A detachment was begun and not ended.</summary>
    public bool Pending { get; init; }

    /// <summary>Rows, estimated.</summary>
    public long Rows { get; init; }

    /// <summary>Bytes with indexes.</summary>
    public long Bytes { get; init; }

    /// <summary>Name of the partition.</summary>
    public string Name => Parent + "_" + Month;
}
