namespace Qwen3VL.Engine.Contract.Serving;

/// <summary>How a core is set up. The default is the plain way: everything fits one step, no sharing.</summary>
internal sealed record ServingSettings
{
    public int TokenBudget { get; init; } = 4_096;

    public int EncoderRowBudget { get; init; } = 4_096;

    public int EncoderCacheRows { get; init; } = 4_096;

    public int MaxSequences { get; init; } = 8;

    public int NumBlocks { get; init; } = 400;

    public bool PrefixCache { get; init; }

    /// <summary>Share of a clip's vision tokens to drop.</summary>
    public double VideoPruningRate { get; init; }

    /// <summary>Shuffles the free blocks with this seed before anything runs; null keeps them in order.</summary>
    public int? ScatterSeed { get; init; }
}
