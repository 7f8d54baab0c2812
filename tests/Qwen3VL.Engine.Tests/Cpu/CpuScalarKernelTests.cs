using Qwen3VL.Engine.Backends;
using Qwen3VL.Engine.Contract;
using Qwen3VL.Engine.Cpu;

namespace Qwen3VL.Engine.Tests.Cpu;

/// <summary>The kernel contract at level Scalar.</summary>
[RequiresCpuLevel(CpuFeatureLevel.Scalar)]
public sealed class CpuScalarKernelTests : KernelContract
{
    protected override IBackend CreateBackend() => GuardedBackend.Create(CpuFeatureLevel.Scalar);
}
