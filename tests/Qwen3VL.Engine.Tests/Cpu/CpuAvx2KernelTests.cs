using Qwen3VL.Engine.Backends;
using Qwen3VL.Engine.Contract;
using Qwen3VL.Engine.Cpu;

namespace Qwen3VL.Engine.Tests.Cpu;

/// <summary>The kernel contract at level Avx2; on a machine without it, at the best level there is.</summary>
public sealed class CpuAvx2KernelTests : KernelContract
{
    protected override IBackend CreateBackend() => GuardedBackend.Create(CpuFeatureLevel.Avx2);
}
