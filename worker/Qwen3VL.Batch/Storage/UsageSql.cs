namespace Qwen3VL.Batch.Storage;

/// <summary>Statements about usage and prices. Usage is in its records, or, when their month was dropped, in the days: never in both.</summary>
internal static class UsageSql
{
    /// <summary>What one job used; one row always.</summary>
    public const string OfJob = $"SELECT '' AS Key, {Currency}, {Sums} FROM vq.usage_records WHERE job_id = @JobId";

    /// <summary>By job.</summary>
    public const string ByJob =
        $"""
        SELECT job_id::text AS Key, {Currency}, {Sums} FROM vq.usage_records
        WHERE (@AllTenants OR tenant_id = @TenantId) AND at >= @From AND at < @To GROUP BY job_id ORDER BY job_id
        """;

    /// <summary>By day.</summary>
    public const string ByDay = $"SELECT day::text AS Key, {Currency}, {DaySums} FROM ({Days}) d GROUP BY day ORDER BY day";

    /// <summary>By tenant.</summary>
    public const string ByTenant = $"SELECT tenant_id::text AS Key, {Currency}, {DaySums} FROM ({Days}) d GROUP BY tenant_id ORDER BY tenant_id";

    /// <summary>All price lists.</summary>
    public const string Prices = $"SELECT {PriceColumns} FROM vq.price_list ORDER BY version";

    /// <summary>
    /// A further price list, in the currency of the first, because costs are summed over all of them. Of two at the same moment both want the same
    /// number, and only one gets it: none slips in beside a first one. Clients' clocks differ a little from the server's: a minute ago is now.
    /// </summary>
    public const string AddPrice =
        """
        WITH held AS MATERIALIZED (
          SELECT coalesce(max(version), 0) AS newest, max(valid_from) AS since, (array_agg(currency ORDER BY version))[1] AS currency
          FROM vq.price_list
        ), added AS (
          INSERT INTO vq.price_list (version, valid_from, currency, nano_per_prompt_token, nano_per_cached_token, nano_per_output_token,
            nano_per_engine_second)
          SELECT newest + 1, @ValidFrom, @Currency, @NanoPerPromptToken, @NanoPerCachedToken, @NanoPerOutputToken, @NanoPerEngineSecond
          FROM held
          WHERE (since IS NULL OR since < @ValidFrom) AND @ValidFrom >= now() - interval '1 minute' AND (currency IS NULL OR currency = @Currency)
          ON CONFLICT DO NOTHING RETURNING version
        )
        SELECT (SELECT version FROM added) AS Version, currency AS Currency FROM held
        """;

    private const string PriceColumns =
        """
        version, valid_from AS ValidFrom, currency, nano_per_prompt_token AS NanoPerPromptToken, nano_per_cached_token AS NanoPerCachedToken,
        nano_per_output_token AS NanoPerOutputToken, nano_per_engine_second AS NanoPerEngineSecond
        """;

    // All of them, should some be of a time when lists could have several.
    private const string Currency = "(SELECT string_agg(DISTINCT currency, '+') FROM vq.price_list) AS Currency";

    private const string Sums =
        """
        count(*) FILTER (WHERE billable) AS Chunks, count(*) AS Executions,
        coalesce(sum(engine_us) FILTER (WHERE billable), 0)::bigint AS EngineMicroseconds,
        coalesce(sum(prompt_tokens) FILTER (WHERE billable), 0)::bigint AS PromptTokens,
        coalesce(sum(cached_tokens) FILTER (WHERE billable), 0)::bigint AS CachedTokens,
        coalesce(sum(image_tokens) FILTER (WHERE billable), 0)::bigint AS ImageTokens,
        coalesce(sum(output_tokens) FILTER (WHERE billable), 0)::bigint AS OutputTokens,
        coalesce(sum(cost_nano) FILTER (WHERE billable), 0)::bigint AS CostNano,
        coalesce(sum(engine_us) FILTER (WHERE NOT billable), 0)::bigint AS WastedEngineMicroseconds
        """;

    private const string DaySums =
        """
        sum(Chunks)::bigint AS Chunks, sum(Executions)::bigint AS Executions, sum(EngineMicroseconds)::bigint AS EngineMicroseconds,
        sum(PromptTokens)::bigint AS PromptTokens, sum(CachedTokens)::bigint AS CachedTokens, sum(ImageTokens)::bigint AS ImageTokens,
        sum(OutputTokens)::bigint AS OutputTokens, sum(CostNano)::bigint AS CostNano,
        sum(WastedEngineMicroseconds)::bigint AS WastedEngineMicroseconds
        """;

    private const string Days =
        $"""
        SELECT tenant_id, (at AT TIME ZONE 'UTC')::date AS day, {Sums} FROM vq.usage_records
        WHERE (@AllTenants OR tenant_id = @TenantId) AND at >= @From AND at < @To GROUP BY 1, 2
        UNION ALL
        SELECT tenant_id, day, chunks, executions, engine_us, prompt_tokens, cached_tokens, image_tokens, output_tokens, cost_nano,
          wasted_engine_us
        FROM vq.usage_daily WHERE (@AllTenants OR tenant_id = @TenantId) AND day >= (@From AT TIME ZONE 'UTC')::date
          AND day < (@To AT TIME ZONE 'UTC')::date
        """;
}
