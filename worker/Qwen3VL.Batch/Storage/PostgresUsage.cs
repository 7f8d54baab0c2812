using Npgsql;

namespace Qwen3VL.Batch.Storage;

/// <summary>Usage and prices in PostgreSQL.</summary>
internal sealed class PostgresUsage(NpgsqlDataSource database) : IUsage
{
    /// <inheritdoc/>
    public async Task<IReadOnlyList<UsageRow>> SumAsync(UsageQuery query, CancellationToken cancellationToken)
    {
        await using LedgerSession session = await LedgerSession.BeginAsync(database, cancellationToken).ConfigureAwait(false);
        string sql = query.By switch
        {
            UsageGrouping.Tenant => UsageSql.ByTenant,
            UsageGrouping.Job => UsageSql.ByJob,
            _ => UsageSql.ByDay,
        };
        var span = new
        {
            AllTenants = query.TenantId is null,
            TenantId = query.TenantId ?? 0,
            From = Midnight(query.From),
            To = Midnight(query.To).AddDays(1),
        };
        return await session.QueryAsync<UsageRow>(sql, span).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<PriceVersion>> ListPricesAsync(CancellationToken cancellationToken)
    {
        await using LedgerSession session = await LedgerSession.BeginAsync(database, cancellationToken).ConfigureAwait(false);
        return await session.QueryAsync<PriceVersion>(UsageSql.Prices).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task<AddedPrice> AddPriceAsync(PriceVersion price, CancellationToken cancellationToken)
    {
        await using LedgerSession session = await LedgerSession.BeginAsync(database, cancellationToken).ConfigureAwait(false);
        AddedPrice? added = await session.FindAsync<AddedPrice>(UsageSql.AddPrice, price).ConfigureAwait(false);
        await session.CommitAsync().ConfigureAwait(false);
        return added ?? new AddedPrice();
    }

    private static DateTime Midnight(DateOnly day) => day.ToDateTime(TimeOnly.MinValue, DateTimeKind.Utc);
}
