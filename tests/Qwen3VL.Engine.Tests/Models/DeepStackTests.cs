using System.Globalization;
using Qwen3VL.Engine.Checkpoints;
using Qwen3VL.Engine.Cpu;
using Qwen3VL.Engine.Models;
using Qwen3VL.Engine.Processing;
using Qwen3VL.Engine.Tests.Checkpoints;
using Shouldly;
using Xunit;

namespace Qwen3VL.Engine.Tests.Models;

/// <summary>Lists of tapped blocks that no released model has, on a checkpoint with two mergers.</summary>
public sealed class DeepStackTests
{
    [Fact]
    public void Encode_UnsortedList_GivesTapsInBlockOrderWithTheMergerOfTheirPlace()
    {
        float[][] swapped = Taps([2, 0]);
        swapped.Length.ShouldBe(2);

        // Block 0 with the second merger, then block 2 with the first one.
        swapped[0].ShouldBe(Taps([1, 0])[0]);
        swapped[1].ShouldBe(Taps([2])[0]);
        swapped[0].ShouldNotBe(Taps([0, 2])[0]);
    }

    [Fact]
    public void Encode_BlockListedTwice_IsTappedOnceWithTheFirstMerger()
    {
        float[][] repeated = Taps([0, 0]);
        repeated.Length.ShouldBe(1);
        repeated[0].ShouldBe(Taps([0])[0]);
    }

    [Fact]
    public void Encode_EmptyList_GivesNoTaps() => Taps([]).ShouldBeEmpty();

    [Fact]
    public void Forward_MoreTapsThanLayers_UsesThoseThatHaveALayer()
    {
        float[] both = LogitsOfOneLayer([0, 2]);
        both.ShouldBe(LogitsOfOneLayer([0]));
        both.ShouldNotBe(LogitsOfOneLayer([]));
    }

    private static float[][] Taps(int[] indexes)
    {
        using var golden = GoldenCase.Read("dense-tied", "image");
        using var backend = new CpuBackend(new CpuBackendOptions { Threads = 1 });
        using Qwen3VLModel model = Load(golden, indexes, backend, golden.Config.Text);
        ProcessedMedia media = golden.Media("image")[0];
        using EncoderOutput output = model.Encode(media);
        output.DeepStack.Count.ShouldBe(model.Config.Vision.NumTaps);
        return output.DeepStack.Select(tensor =>
        {
            var values = new float[tensor.Length];
            backend.Download(tensor, values);
            return values;
        }).ToArray();
    }

    private static float[] LogitsOfOneLayer(int[] indexes)
    {
        using var golden = GoldenCase.Read("dense-tied", "image");
        using var backend = new CpuBackend(new CpuBackendOptions { Threads = 1 });
        using Qwen3VLModel model = Load(golden, indexes, backend, golden.Config.Text with { NumLayers = 1 });
        using var driver = new ModelDriver(model, golden);
        return driver.Prefill(golden.InputIds.Length);
    }

    // The number behind the name of a list; -1 for a tensor of no such list.
    private static int IndexIn(string tensor, string list)
    {
        int start = tensor.IndexOf(list, StringComparison.Ordinal);
        return start < 0 ? -1 : int.Parse(tensor[(start + list.Length)..].Split('.')[0], CultureInfo.InvariantCulture);
    }

    private static Qwen3VLModel Load(GoldenCase golden, int[] indexes, CpuBackend backend, TextConfig text)
    {
        ModelConfig config = golden.Config with { Text = text, Vision = golden.Config.Vision with { DeepStackIndexes = indexes } };
        using var folder = new ModelFolder();
        TensorFile.Copy(golden.Folder, name => IndexIn(name, "deepstack_merger_list.") < indexes.Length && IndexIn(name, "language_model.layers.") < text.NumLayers)
            .Write(folder);
        return Qwen3VLModel.Load(folder.Path, config, backend, CancellationToken.None);
    }
}
