namespace Qwen3VL.Batch.Storage;

/// <summary>What was used and what it costs.</summary>
internal interface IUsage
{
    /// <summary>Sums, in order of their keys.</summary>
    Task<IReadOnlyList<UsageRow>> SumAsync(UsageQuery query, CancellationToken cancellationToken);

    /// <summary>All price lists, in order.</summary>
    Task<IReadOnlyList<PriceVersion>> ListPricesAsync(CancellationToken cancellationToken);

    /// <summary>Adds a price list. Takes the rights of the schema's owner.</summary>
    /// <returns>Its number; null when it would hold from before the newest one, or from a time that has passed.</returns>
    Task<int?> AddPriceAsync(PriceVersion price, CancellationToken cancellationToken);
}
