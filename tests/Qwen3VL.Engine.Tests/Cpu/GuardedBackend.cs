using Qwen3VL.Engine.Cpu;

namespace Qwen3VL.Engine.Tests.Cpu;

/// <summary>Backends whose memory is poisoned and checked.</summary>
internal static class GuardedBackend
{
    /// <summary>Three threads, so that parts are uneven and the machine is oversubscribed.</summary>
    internal const int Threads = 3;

    internal static CpuBackend Create(CpuFeatureLevel level) => new(new CpuBackendOptions
    {
        Threads = Threads,
        FeatureLevel = level,
        GuardMemory = true,
    });
}
