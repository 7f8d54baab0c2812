using Qwen3VL.Engine.Checkpoints;
using Qwen3VL.Engine.Cpu;
using Qwen3VL.Engine.Models;
using Qwen3VL.Engine.Processing;
using Qwen3VL.TestKit;
using Shouldly;
using Xunit;

namespace Qwen3VL.Engine.Tests.Models;

public sealed class VisionTowerTests
{
    private const int Frames = 4;
    private const int Side = 48;
    private const int PatchLength = 1536;
    private const int Seed = 11;

    [Fact]
    public void Encode_MoreRowsThanOnePiece_EqualsTheFramesAloneToTheLastBit()
    {
        byte[] patches = Patches();
        int frameLength = patches.Length / Frames;
        (Side * Side).ShouldBeLessThan(VisionBlock.RowsPerPiece);
        (Frames * Side * Side % VisionBlock.RowsPerPiece).ShouldBeGreaterThan(0);
        using var backend = new CpuBackend(new CpuBackendOptions { Threads = 2 });
        using Qwen3VLModel model = Load(backend);
        float[][] whole = Encode(backend, model, new GridThw(Frames, Side, Side), patches);
        for (int frame = 0; frame < Frames; frame++)
        {
            float[][] alone = Encode(backend, model, new GridThw(1, Side, Side), patches.AsMemory(frame * frameLength, frameLength));
            for (int output = 0; output < alone.Length; output++)
            {
                whole[output].AsSpan(frame * alone[output].Length, alone[output].Length).SequenceEqual(alone[output])
                    .ShouldBeTrue($"frame {frame}, output {output}, seed {Seed}");
            }
        }
    }

    [Fact]
    public void Encode_LargeItem_HoldsFewTensorsAtOnce()
    {
        using var backend = new CpuBackend(new CpuBackendOptions { Threads = 2 });
        using Qwen3VLModel model = Load(backend);
        _ = Encode(backend, model, new GridThw(Frames, Side, Side), Patches());

        // Block input, packed queries-keys-values, two rotated parts and a slice are seven; rotary tables and two taps of this model another 1.25.
        long hidden = (long)Frames * Side * Side * model.Config.Vision.HiddenSize * sizeof(float);
        backend.PeakTensorBytes.ShouldBeLessThan(9 * hidden);
    }

    private static byte[] Patches()
    {
        var patches = new byte[Frames * Side * Side * PatchLength];
        new Random(Seed).NextBytes(patches);
        return patches;
    }

    private static Qwen3VLModel Load(CpuBackend backend)
    {
        string folder = Goldens.Path("models", "dense-tied");
        return Qwen3VLModel.Load(folder, ModelConfig.Load(folder), backend, CancellationToken.None);
    }

    private static float[][] Encode(CpuBackend backend, Qwen3VLModel model, GridThw grid, ReadOnlyMemory<byte> patches)
    {
        using EncoderOutput output = model.Encode(new ProcessedMedia(grid, patches, ReadOnlyMemory<byte>.Empty, []));
        return output.DeepStack.Prepend(output.Main).Select(tensor =>
        {
            var values = new float[tensor.Length];
            backend.Download(tensor, values);
            return values;
        }).ToArray();
    }
}
