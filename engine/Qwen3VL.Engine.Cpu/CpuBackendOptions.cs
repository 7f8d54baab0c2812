namespace Qwen3VL.Engine.Cpu;

/// <summary>How the CPU backend runs.</summary>
public sealed record CpuBackendOptions
{
    /// <summary>Threads that compute, the caller's included; 0 takes every processor of the machine.</summary>
    public int Threads { get; init; }

    /// <summary>Vector level; null takes the best of the machine.</summary>
    public CpuFeatureLevel? FeatureLevel { get; init; }

    /// <summary>
    /// Fills new memory and what lies behind it with NaN and checks it on return: a kernel that reads before it writes or beyond the end shows
    /// itself. For tests.
    /// </summary>
    internal bool GuardMemory { get; init; }
}
