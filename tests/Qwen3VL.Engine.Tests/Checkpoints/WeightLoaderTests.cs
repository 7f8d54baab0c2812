using Qwen3VL.Engine.Backends;
using Qwen3VL.Engine.Checkpoints;
using Qwen3VL.Engine.Cpu;
using Qwen3VL.Engine.Models;
using Qwen3VL.TestKit;
using Shouldly;
using Xunit;

namespace Qwen3VL.Engine.Tests.Checkpoints;

public sealed class WeightLoaderTests : IDisposable
{
    private readonly ModelFolder _folder = new();
    private readonly CpuBackend _backend = new(new CpuBackendOptions { Threads = 2 });

    public void Dispose()
    {
        _backend.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData(WeightStorage.Stored, 2)]
    [InlineData(WeightStorage.F32, 4)]
    [InlineData(WeightStorage.BF16, 2)]
    public void Load_EachStorage_TakesItsBytes(WeightStorage storage, int elementBytes)
    {
        // Every matrix of the checkpoint is bfloat16, and vectors are 32-bit floats: little beside them.
        string folder = Goldens.Path("models", "dense-tied");
        using Qwen3VLModel model = Qwen3VLModel.Load(folder, ModelConfig.Load(folder), _backend, new WeightLoading { Storage = storage }, default);
        long stored = new FileInfo(Path.Combine(folder, "model.safetensors")).Length / 2;
        ((double)_backend.Statistics.WeightBytes / stored).ShouldBeInRange(0.85 * elementBytes, 1.2 * elementBytes);
    }

    [Fact]
    public void Load_TensorsLeftOver_AreReportedOnceAndATiedHeadIsNot()
    {
        string golden = Goldens.Path("models", "dense-tied");
        File.Copy(Path.Combine(golden, "model.safetensors"), _folder.File("a.safetensors"));
        new TensorFile().AddFloats("lm_head.weight", [1], [1]).AddFloats("extra", [1], [1]).Write(_folder, "b.safetensors");
        using (SafetensorsFile file = SafetensorsFile.Open(_folder.File("a.safetensors")))
        {
            IEnumerable<string> map = file.Entries.Keys.Select(name => $"\"{name}\":\"a.safetensors\"");
            _folder.Write(CheckpointIndex.IndexFileName, $$$"""{"weight_map":{{{{string.Join(',', map)}}},"lm_head.weight":"b.safetensors","extra":"b.safetensors"}}""");
        }

        var log = new RecordingEngineLog();
        using Qwen3VLModel model = Qwen3VLModel.Load(_folder.Path, ModelConfig.Load(golden), _backend, new WeightLoading { Log = log }, default);
        log.Unused.ShouldHaveSingleItem().ShouldBe("1: extra");
        log.Progress.ShouldBeEmpty();
    }

    [Fact]
    public void Matrix_SlowLoad_ReportsProgressEveryFewSeconds()
    {
        var time = new ManualTime();
        var log = new RecordingEngineLog();
        var file = new TensorFile();
        for (int i = 0; i < 4; i++)
        {
            file.AddFloats($"w{i}", [2, 5], new float[10]);
        }

        file.Write(_folder);
        using CheckpointIndex index = CheckpointIndex.Open(_folder.Path);
        var loader = new WeightLoader(new WeightMap(index), _backend, new WeightLoading { Log = log, Time = time }, default);
        int[] seconds = [1, 4, 2, 6];
        for (int i = 0; i < seconds.Length; i++)
        {
            time.Advance(TimeSpan.FromSeconds(seconds[i]));
            loader.Matrix($"w{i}", 2, 5);
        }

        log.Progress.ShouldBe(["80 of 160", "160 of 160"]);
        loader.DisposeWeights();
        _backend.Statistics.ShouldBe(default);
    }

    [Fact]
    public void Load_Cancelled_StopsAndLeavesNothing()
    {
        string folder = Goldens.Path("models", "dense-tied");
        Should.Throw<OperationCanceledException>(() => Qwen3VLModel.Load(folder, ModelConfig.Load(folder), _backend, new CancellationToken(canceled: true)));
        _backend.Statistics.ShouldBe(default);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void CreateWeight_ManyPieces_ReadsEveryRowOnceInBoundedPieces(int threads)
    {
        const int Rows = 5000;
        const int Columns = 256;
        using var backend = new CpuBackend(new CpuBackendOptions { Threads = threads });
        int[] reads = new int[Rows];
        int largest = 0;
        var description = new WeightDescription("w", Rows, Columns, WeightType.BF16);
        using Weight weight = backend.CreateWeight(description, (firstRow, destination) =>
        {
            lock (reads)
            {
                largest = Math.Max(largest, destination.Length);
                for (int row = firstRow; row < firstRow + destination.Length / (2 * Columns); row++)
                {
                    reads[row]++;
                }
            }

            destination.Clear();
        });
        reads.ShouldAllBe(count => count == 1);
        largest.ShouldBeLessThanOrEqualTo(512 * 1024);
        backend.Statistics.WeightBytes.ShouldBe((Rows + 31) / 32 * 32L * Columns * 2);
        Should.Throw<CheckpointException>(() => backend.CreateWeight(
            description, (firstRow, _) => throw new CheckpointException($"row {firstRow}"))).Message.ShouldStartWith("row");
        Should.Throw<ArgumentException>(() => backend.CreateWeight(description with { Rows = 0 }, (_, _) => { }));
    }
}
