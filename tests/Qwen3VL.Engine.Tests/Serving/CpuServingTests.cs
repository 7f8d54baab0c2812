using Qwen3VL.Engine.Backends;
using Qwen3VL.Engine.Contract.Serving;
using Qwen3VL.Engine.Cpu;

namespace Qwen3VL.Engine.Tests.Serving;

public sealed class CpuServingTests : ServingContract
{
    // One thread: test classes run beside each other, and spinning teams would take the processors from one another.
    protected override IBackend CreateBackend() => new CpuBackend(new CpuBackendOptions { Threads = 1 });
}
