using Qwen3VL.Engine.Execution;
using Shouldly;
using Xunit;

namespace Qwen3VL.Engine.Tests.Execution;

public sealed class LocalGenerationTests
{
    [Fact]
    public void Abort_Repeated_TellsTheEngineOnce()
    {
        int told = 0;
        var generation = new LocalGeneration(1, 1, _ => told++);
        generation.Abort();
        generation.Abort();
        told.ShouldBe(1);
    }
}
