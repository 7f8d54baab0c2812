using Qwen3VL.Engine.Checkpoints;
using Qwen3VL.Engine.Cpu;
using Qwen3VL.Engine.Models;
using Qwen3VL.TestKit;
using Shouldly;
using Xunit;

namespace Qwen3VL.Engine.Tests.Models;

/// <summary>Adapters on <c>models/dense-tied</c>: one on the text layers, one rank-stabilised on the vision tower and its merger too.</summary>
public sealed class LoraGoldenTests
{
    // An adapter's random factors amplify what two orders of summation differ in: up to 1.3e-4 at logits of 2 to 7, on every vector level.
    private const double Absolute = 1e-4;
    private const double Relative = 1e-4;

    public static TheoryData<string, string> Cases => new()
    {
        { "text", "text" },
        { "text", "image" },
        { "text", "mixed" },
        { "rslora-vision", "text" },
        { "rslora-vision", "image" },
        { "rslora-vision", "mixed" },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Forward_WithAdapter_EqualsReferenceLogitsAndTopIds(string adapter, string name)
    {
        string folder = Goldens.Path("lora", adapter);
        using var golden = GoldenCase.Read("dense-tied", name);
        using var backend = new CpuBackend(new CpuBackendOptions { Threads = 2 });
        using Qwen3VLModel model = Qwen3VLModel.Load(golden.Folder, folder, golden.Config, backend, WeightStorage.Stored, CancellationToken.None);
        using var driver = new ModelDriver(model, golden);
        float[] logits = driver.Prefill(golden.InputIds.Length);
        using SafetensorsFile expected = SafetensorsFile.Open(Path.Combine(folder, "golden.safetensors"));
        SafetensorsEntry last = expected.Entries[$"{name}.logits_last"];
        var lastLogits = new float[last.Length];
        expected.ReadFloats(last, 0, lastLogits);
        int vocabulary = golden.Config.Text.VocabularySize;
        Closeness.ShouldBeClose(logits.AsSpan(logits.Length - vocabulary), lastLogits, Absolute, "logits", Relative);

        byte[] topIds = expected.ReadBytes(expected.Entries[$"{name}.top1"]);
        int[] actual = logits.Chunk(vocabulary).Select(row => Array.IndexOf(row, row.Max())).ToArray();
        actual.ShouldBe(Enumerable.Range(0, golden.InputIds.Length).Select(row => checked((int)BitConverter.ToInt64(topIds, row * sizeof(long)))).ToArray());
    }

    [Fact]
    public void Dispose_WithAdapter_LeavesNothingOnTheBackend()
    {
        using var golden = GoldenCase.Read("dense-tied", "text");
        using var backend = new CpuBackend(new CpuBackendOptions { Threads = 1 });
        Qwen3VLModel.Load(golden.Folder, Goldens.Path("lora", "text"), golden.Config, backend, WeightStorage.Stored, CancellationToken.None).Dispose();
        backend.Statistics.ShouldBe(default);
    }

    [Fact]
    public void Load_AdapterOfAnotherModel_ThrowsAndLeavesNothing()
    {
        using var golden = GoldenCase.Read("dense-untied-wide", "text");
        using var backend = new CpuBackend(new CpuBackendOptions { Threads = 1 });
        Should.Throw<CheckpointException>(() => Qwen3VLModel.Load(
            golden.Folder, Goldens.Path("lora", "text"), golden.Config, backend, WeightStorage.Stored, CancellationToken.None)).Message.ShouldContain("lora_");
        backend.Statistics.ShouldBe(default);
    }
}
