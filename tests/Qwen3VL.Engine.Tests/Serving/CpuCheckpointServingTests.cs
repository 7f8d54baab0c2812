using Qwen3VL.Engine.Backends;
using Qwen3VL.Engine.Contract.Serving;
using Qwen3VL.Engine.Cpu;

namespace Qwen3VL.Engine.Tests.Serving;

public sealed class CpuCheckpointServingTests : CheckpointServingContract
{
    protected override IBackend CreateBackend() => new CpuBackend(new CpuBackendOptions { Threads = 1 });
}
