using Qwen3VL.Engine.Backends;
using Qwen3VL.Engine.Cpu;
using Qwen3VL.Engine.Models;
using Qwen3VL.Engine.Processing;
using Shouldly;
using Xunit;

namespace Qwen3VL.Engine.Tests.Models;

public sealed class EncoderPruningTests
{
    private const int Hidden = 5;
    private const int NumTaps = 2;
    private static readonly GridThw Grid = new(4, 6, 8);

    [Theory]
    [InlineData(1)]
    [InlineData(75)]
    [InlineData(105)]
    [InlineData(1 << 20)]
    public void Prune_PiecesOfAnySize_KeepsWhatWholeFramePairsSay(int pieceValues)
    {
        const int NumKept = 20;
        var random = new Random(7);
        float[][] tensors = Enumerable.Range(0, 1 + NumTaps)
            .Select(_ => Enumerable.Range(0, Grid.NumRows * Hidden).Select(_ => random.NextSingle() - 0.5f).ToArray())
            .ToArray();
        int[] expected = Expected(tensors, NumKept);

        using var backend = new CpuBackend(new CpuBackendOptions { Threads = 1 });
        using ITensorScope scope = backend.OpenScope();
        DeviceTensor[] uploaded = tensors.Select(values => backend.Upload(values, Grid.NumRows, Hidden)).ToArray();
        using EncoderOutput pruned = EncoderPruning.Prune(backend, new EncoderOutput(uploaded[0], uploaded[1..]), Grid, NumKept, pieceValues);
        pruned.KeptRows.ToArray().ShouldBe(expected);
        CheckRows(backend, pruned.Main, tensors[0], expected);
        for (int tap = 0; tap < NumTaps; tap++)
        {
            CheckRows(backend, pruned.DeepStack[tap], tensors[1 + tap], expected);
        }
    }

    private static int[] Expected(float[][] tensors, int numKept)
    {
        var change = new FrameChange(Grid, Hidden * (1 + NumTaps));
        for (int pair = 0; pair < Grid.Time; pair++)
        {
            IEnumerable<int> rows = Enumerable.Range(pair * Grid.RowsPerFrame, Grid.RowsPerFrame);
            change.AddFrame(rows.SelectMany(row => tensors.SelectMany(values => values[(row * Hidden)..((row + 1) * Hidden)])).ToArray());
        }

        return change.Keep(numKept);
    }

    private static void CheckRows(CpuBackend backend, DeviceTensor tensor, float[] all, int[] rows)
    {
        float[] values = new float[rows.Length * Hidden];
        backend.Download(tensor, values);
        values.ShouldBe(rows.SelectMany(row => all[(row * Hidden)..((row + 1) * Hidden)]));
    }
}
