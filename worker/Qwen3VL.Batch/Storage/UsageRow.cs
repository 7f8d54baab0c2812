namespace Qwen3VL.Batch.Storage;

/// <summary>Usage over one day, tenant or job. Tokens, seconds and cost are of what counts; what was done in vain stands apart.</summary>
internal sealed record UsageRow
{
    /// <summary>Day, tenant or job.</summary>
    public string Key { get; init; } = "";

    /// <summary>Chunks that were done.</summary>
    public long Chunks { get; init; }

    /// <summary>Executions, those in vain too.</summary>
    public long Executions { get; init; }

    /// <summary>Engine time in microseconds.</summary>
    public long EngineMicroseconds { get; init; }

    /// <summary>Prompt tokens, the cached ones too.</summary>
    public long PromptTokens { get; init; }

    /// <summary>Of them from the cache.</summary>
    public long CachedTokens { get; init; }

    /// <summary>Of them of pictures and frames.</summary>
    public long ImageTokens { get; init; }

    /// <summary>Tokens of answers.</summary>
    public long OutputTokens { get; init; }

    /// <summary>Cost in nano units of the currency.</summary>
    public long CostNano { get; init; }

    /// <summary>The currency of all price lists; null while there is none.</summary>
    public string? Currency { get; init; }

    /// <summary>Engine time of executions that came too late, in microseconds. Nobody pays for it.</summary>
    public long WastedEngineMicroseconds { get; init; }

    /// <summary>Share of the engine time that was in vain, 0..1.</summary>
    public double WastedShare => EngineMicroseconds + WastedEngineMicroseconds is var all and > 0 ? (double)WastedEngineMicroseconds / all : 0;
}
