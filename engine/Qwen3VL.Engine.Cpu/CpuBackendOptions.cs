namespace Qwen3VL.Engine.Cpu;

/// <summary>How the CPU backend runs.</summary>
public sealed record CpuBackendOptions
{
    /// <summary>Threads that compute, the caller's included; 0 takes every processor of the machine.</summary>
    public int Threads { get; init; }

    /// <summary>Vector level; null takes the best of the machine.</summary>
    public CpuFeatureLevel? FeatureLevel { get; init; }
}
