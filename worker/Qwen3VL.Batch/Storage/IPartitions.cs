namespace Qwen3VL.Batch.Storage;

/// <summary>The months of the big tables. Making months is every worker's; dropping them takes the schema's owner.</summary>
internal interface IPartitions
{
    /// <summary>All months that have a partition, or a table that once was one, in order.</summary>
    Task<IReadOnlyList<PartitionMonth>> ListAsync(CancellationToken cancellationToken);

    /// <summary>Makes the months up to two ahead.</summary>
    /// <returns>How many partitions were made.</returns>
    Task<int> EnsureAsync(CancellationToken cancellationToken);

    /// <summary>Months before one, in order.</summary>
    Task<IReadOnlyList<DateOnly>> MonthsBeforeAsync(DateOnly first, CancellationToken cancellationToken);

    /// <summary>
    /// Drops one month of every table, usage rolled up into days before. Broken off in the middle, it goes on where it was when it is called
    /// again; usage is rolled up exactly once.
    /// </summary>
    Task<MonthDrop> DropMonthAsync(DateOnly month, CancellationToken cancellationToken);
}
