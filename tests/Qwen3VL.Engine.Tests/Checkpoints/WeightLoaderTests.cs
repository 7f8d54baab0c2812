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

    [Theory]
    [InlineData("model.language_model.layers.0.self_attn.q_proj.bias")]
    [InlineData("model.language_model.layers.99.input_layernorm.weight")]
    [InlineData("visual.pos_embed.weight")]
    [InlineData("model.visual.blocks.0.attn.q.weight")]
    [InlineData("model.language_model.layers.0.self_attn.k_proj.weight_scale")]
    [InlineData("model.visual.deepstack_merger_list.9.norm.bias")]
    [InlineData("lm_head.bias")]
    [InlineData("language_model.lm_head.weight")]
    public void Load_TensorTheModelDoesNotHave_ThrowsNamingTensorAndFileAndLeavesNothing(string extra)
    {
        string golden = Goldens.Path("models", "dense-tied");
        TensorFile.Copy(golden, _ => true).AddFloats("lm_head.weight", [1], [1]).AddFloats(extra, [1], [1]).Write(_folder);
        string message = Should.Throw<CheckpointException>(() => Load(_folder.Path, ModelConfig.Load(golden), new WeightLoading())).Message;
        message.ShouldContain(_folder.File(CheckpointIndex.SingleFileName));
        message.ShouldContain($"got {extra} and 0 others");
        _backend.Statistics.ShouldBe(default);
    }

    [Fact]
    public void Load_FewerLayersThanTheFile_Throws()
    {
        string golden = Goldens.Path("models", "dense-tied");
        ModelConfig config = ModelConfig.Load(golden);
        ModelConfig shorter = config with { Text = config.Text with { NumLayers = config.Text.NumLayers - 1 } };
        Should.Throw<CheckpointException>(() => Load(golden, shorter, new WeightLoading())).Message
            .ShouldContain($"got model.language_model.layers.{shorter.Text.NumLayers}.input_layernorm.weight and");
        ModelConfig shallower = config with { Vision = config.Vision with { DeepStackIndexes = [0] } };
        Should.Throw<CheckpointException>(() => Load(golden, shallower, new WeightLoading())).Message.ShouldContain("deepstack_merger_list.1.");
    }

    [Fact]
    public void Load_ExpertsFusedAndOneByOne_Throws()
    {
        const string Single = "model.language_model.layers.0.mlp.experts.0.gate_proj.weight";
        string golden = Goldens.Path("models", "moe");
        TensorFile.Copy(golden, _ => true).AddFloats(Single, [1], [1]).Write(_folder);
        Should.Throw<CheckpointException>(() => Load(_folder.Path, ModelConfig.Load(golden), new WeightLoading())).Message.ShouldContain($"got {Single} and 0 others");
    }

    [Fact]
    public void Load_UnusedTensorWithAHostileName_IsShownHarmlessly()
    {
        string golden = Goldens.Path("models", "dense-tied");
        TensorFile.Copy(golden, _ => true).AddFloats($"a\n\u001b[2J{new string('x', 1000)}", [1], [1]).Write(_folder);
        string message = Should.Throw<CheckpointException>(() => Load(_folder.Path, ModelConfig.Load(golden), new WeightLoading())).Message;
        message.ShouldAllBe(character => character >= ' ');
        message.Length.ShouldBeLessThan(500);
    }

    [Fact]
    public void Load_UnusedTensorsThatChangeNothing_AreReportedOnceAndATiedHeadIsNot()
    {
        const string Derived = "model.language_model.layers.0.self_attn.rotary_emb.inv_freq";
        string golden = Goldens.Path("models", "dense-tied");
        ModelConfig config = ModelConfig.Load(golden);
        TensorFile.Copy(golden, _ => true).AddFloats("lm_head.weight", [1], [1]).AddFloats(Derived, [1], [1]).Write(_folder);
        var log = new RecordingEngineLog();
        Load(_folder.Path, config, new WeightLoading { Log = log });
        log.Unused.ShouldHaveSingleItem().ShouldBe($"1: {Derived}");
        log.Progress.ShouldBeEmpty();

        // The merger of a block that is listed again taps nothing.
        log.Unused.Clear();
        Load(golden, config with { Vision = config.Vision with { DeepStackIndexes = [0, 0] } }, new WeightLoading { Log = log });
        log.Unused.ShouldHaveSingleItem().ShouldStartWith("6: model.visual.deepstack_merger_list.1.linear_fc1.bias");
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

    private void Load(string folder, ModelConfig config, WeightLoading loading) =>
        Qwen3VLModel.Load(folder, config, _backend, loading, default).Dispose();
}
