using Qwen3VL.Batch.Worker.Composition;
using Qwen3VL.Batch.Worker.Diagnosis;
using Shouldly;
using Xunit;

namespace Qwen3VL.Batch.Tests.Worker.Diagnosis;

public sealed class MachineCheckTests
{
    [Fact]
    public async Task Memory_OfTheBundledModel_CountsEveryBound()
    {
        // 32,768 rows x 256 values x (main and 2 taps) x 4 bytes; 8 tensors of 720 patches x 192 values x 4 bytes.
        CheckResult memory = await MemoryAsync("Media:MaxDecodedMiB", "100");

        memory.Message.ShouldContain("512 of keys and values, 96 of encoder outputs, 4 to encode the largest item, 1124 of pixels decoded or waiting)");
        memory.Message.ShouldContain("Worker:Quarantine");
    }

    [Fact]
    public async Task Memory_MoreDecodedPixelsThanTheMachineHas_WarnsAndNamesTheSetting()
    {
        CheckResult memory = await MemoryAsync("Media:MaxDecodedMiB", "1048576");

        memory.Level.ShouldBe(CheckLevel.Warn);
        memory.Advice.ShouldNotBeNull().ShouldContain("Media:MaxDecodedMiB");
    }

    [Fact]
    public async Task Memory_MoreKeysAndValuesThanTheMachineHas_Fails() =>
        (await MemoryAsync("Engine:KvMemoryMiB", "1048576")).Level.ShouldBe(CheckLevel.Fail);

    private static async Task<CheckResult> MemoryAsync(string key, string value)
    {
        Settings settings = Settings.Load(new Dictionary<string, string?> { [key] = value }, 0);
        return (await new MachineCheck().RunAsync(settings, default)).Single(result => result.Name == "memory");
    }
}
