using Qwen3VL.Engine.Backends;
using Qwen3VL.Engine.Contract;
using Qwen3VL.Engine.Cpu;

namespace Qwen3VL.Engine.Tests.Cpu;

/// <summary>The kernel contract at level Avx512.</summary>
[RequiresCpuLevel(CpuFeatureLevel.Avx512)]
public sealed class CpuAvx512KernelTests : KernelContract
{
    protected override IBackend CreateBackend() => GuardedBackend.Create(CpuFeatureLevel.Avx512);
}
