using Qwen3VL.Engine.Backends;
using Qwen3VL.Engine.Contract;
using Qwen3VL.Engine.Cpu;

namespace Qwen3VL.Engine.Tests.Cpu;

/// <summary>The kernel contract at level Avx2.</summary>
[RequiresCpuLevel(CpuFeatureLevel.Avx2)]
public sealed class CpuAvx2KernelTests : KernelContract
{
    protected override IBackend CreateBackend() => GuardedBackend.Create(CpuFeatureLevel.Avx2);
}
