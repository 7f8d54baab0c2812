namespace Qwen3VL.Batch.Storage;

/// <summary>What was used and what it costs.</summary>
internal interface IUsage
{
    /// <summary>Sums, in order of their keys.</summary>
    Task<IReadOnlyList<UsageRow>> SumAsync(UsageQuery query, CancellationToken cancellationToken);

    /// <summary>All price lists, in order.</summary>
    Task<IReadOnlyList<PriceVersion>> ListPricesAsync(CancellationToken cancellationToken);

    /// <summary>Adds a price list. Takes the rights of the schema's owner.</summary>
    /// <returns>
    /// Without a number when it would hold from before the newest one or from a time that has passed, when its currency is another than the first
    /// one's, or when another list was added at the same moment.
    /// </returns>
    Task<AddedPrice> AddPriceAsync(PriceVersion price, CancellationToken cancellationToken);
}
