namespace Qwen3VL.Batch.Storage;

/// <summary>Statements about usage and prices. Usage is in its records, or, when their month was dropped, in the days: never in both.</summary>
internal static class UsageSql
{
    /// <summary>What one job used; one row always.</summary>
    public const string OfJob = $"SELECT '' AS Key, {Sums} FROM vq.usage_records WHERE job_id = @JobId";

    /// <summary>By job.</summary>
    public const string ByJob =
        $"""
        SELECT job_id::text AS Key, {Sums} FROM vq.usage_records
        WHERE (@AllTenants OR tenant_id = @TenantId) AND at >= @From AND at < @To GROUP BY job_id ORDER BY job_id
        """;

    /// <summary>By day.</summary>
    public const string ByDay = $"SELECT day::text AS Key, {DaySums} FROM ({Days}) d GROUP BY day ORDER BY day";

    /// <summary>By tenant.</summary>
    public const string ByTenant = $"SELECT tenant_id::text AS Key, {DaySums} FROM ({Days}) d GROUP BY tenant_id ORDER BY tenant_id";

    /// <summary>All price lists.</summary>
    public const string Prices = $"SELECT {PriceColumns} FROM vq.price_list ORDER BY version";

    /// <summary>A further price list. Clients' clocks differ a little from the server's: a minute ago is now.</summary>
    public const string AddPrice =
        """
        INSERT INTO vq.price_list (version, valid_from, currency, nano_per_prompt_token, nano_per_cached_token, nano_per_output_token,
          nano_per_engine_second)
        SELECT coalesce(max(version), 0) + 1, @ValidFrom, @Currency, @NanoPerPromptToken, @NanoPerCachedToken, @NanoPerOutputToken,
          @NanoPerEngineSecond
        FROM vq.price_list
        HAVING (max(valid_from) IS NULL OR max(valid_from) < @ValidFrom) AND @ValidFrom >= now() - interval '1 minute'
        RETURNING version
        """;

    private const string PriceColumns =
        """
        version, valid_from AS ValidFrom, currency, nano_per_prompt_token AS NanoPerPromptToken, nano_per_cached_token AS NanoPerCachedToken,
        nano_per_output_token AS NanoPerOutputToken, nano_per_engine_second AS NanoPerEngineSecond
        """;

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
