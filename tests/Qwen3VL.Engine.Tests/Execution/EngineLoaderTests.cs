using System.Text.Json.Nodes;
using Qwen3VL.Engine.Checkpoints;
using Qwen3VL.Engine.Cpu;
using Qwen3VL.Engine.Tests.Checkpoints;
using Qwen3VL.TestKit;
using Shouldly;
using Xunit;

namespace Qwen3VL.Engine.Tests.Execution;

/// <summary>Folders whose files contradict each other. They hold no weights: what is refused here is refused before weights are read.</summary>
public sealed class EngineLoaderTests : IDisposable
{
    private static readonly string[] SmallFiles = [.. Directory.EnumerateFiles(RepositoryPaths.TinyModel, "*.json").Where(file => !file.EndsWith(".index.json", StringComparison.Ordinal))];
    private readonly string _folder = Directory.CreateTempSubdirectory("qwen3vl-model-").FullName;

    public EngineLoaderTests()
    {
        foreach (string file in SmallFiles)
        {
            File.Copy(file, Path.Combine(_folder, Path.GetFileName(file)));
        }
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(3, 1_000_000, 262_144, "3: 1000000 / 262144")]
    [InlineData(2, 524_288, 262_144, null)]
    [InlineData(3, 262_144, 262_144, null)]
    public async Task Load_YarnFactorBesideTheContexts_IsUsedAndADifferenceIsReportedOnce(double factor, int maxPositions, int originalMaxPositions, string? expected)
    {
        foreach (string file in Directory.EnumerateFiles(RepositoryPaths.TinyModel, "model*.safetensors*"))
        {
            File.Copy(file, Path.Combine(_folder, Path.GetFileName(file)), overwrite: true);
        }

        Change("config.json", config =>
        {
            JsonObject text = ShouldBeObject(config["text_config"]);
            text["max_position_embeddings"] = maxPositions;
            JsonObject rope = ShouldBeObject(text["rope_scaling"]);
            rope["rope_type"] = "yarn";
            rope["factor"] = factor;
            rope["original_max_position_embeddings"] = originalMaxPositions;
        });
        YarnScaling yarn = ModelConfig.Load(_folder).Text.Yarn.ShouldNotBeNull();
        yarn.Factor.ShouldBe(factor);
        yarn.AttentionFactor.ShouldBe(0.1 * Math.Log(factor) + 1);

        var log = new RecordingEngineLog();
        var options = new EngineOptions { ModelFolder = _folder, KvMemoryMiB = 32 };
        await using LlmEngine engine = LlmEngine.Load(options, new CpuBackend(new CpuBackendOptions { Threads = 1 }), TimeProvider.System, log);
        log.ScalingFactors.ShouldBe(expected is null ? [] : [expected]);
    }

    [Fact]
    public void Load_TokenizerLargerThanTheEmbeddingTable_NamesBoth()
    {
        Change("config.json", config =>
        {
            ShouldBeObject(config["text_config"])["vocab_size"] = 300;
            foreach ((int tokenId, string key) in ((string[])["image_token_id", "video_token_id", "vision_start_token_id", "vision_end_token_id"]).Index())
            {
                config[key] = tokenId;
            }
        });
        string message = LoadError();
        message.ShouldContain("tokenizer.json");
        message.ShouldContain("vocab_size = 300");
    }

    [Theory]
    [InlineData("image_token_id")]
    [InlineData("video_token_id")]
    [InlineData("vision_start_token_id")]
    [InlineData("vision_end_token_id")]
    public void Load_PlaceholderBeyondTheEmbeddingTable_NamesTheKey(string key)
    {
        Change("config.json", config => config[key] = 100_000);
        LoadError().ShouldContain(key);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(100_000)]
    public void Load_EndTokenBeyondTheEmbeddingTable_NamesTheKey(int tokenId)
    {
        Change("generation_config.json", config => config["eos_token_id"] = tokenId);
        LoadError().ShouldContain("eos_token_id");
    }

    [Fact]
    public void Load_AdapterThatIsNoAdapter_NamesItsFile() => LoadError(adapterFolder: _folder).ShouldContain("adapter_config.json");

    [Fact]
    public void Load_AdapterOfAnUnsupportedKind_NamesTheKey()
    {
        File.WriteAllText(Path.Combine(_folder, "adapter_config.json"), """{"peft_type":"LORA","r":1,"lora_alpha":1,"use_dora":true}""");
        LoadError(adapterFolder: _folder).ShouldContain("use_dora");
    }

    private string LoadError(string? adapterFolder = null)
    {
        using var backend = new CpuBackend(new CpuBackendOptions { Threads = 1 });
        var options = new EngineOptions { ModelFolder = _folder, AdapterFolder = adapterFolder, KvMemoryMiB = 1 };
        return Should.Throw<CheckpointException>(() => LlmEngine.Load(options, backend, TimeProvider.System)).Message;
    }

    private void Change(string file, Action<JsonObject> change)
    {
        string path = Path.Combine(_folder, file);
        JsonObject config = ShouldBeObject(JsonNode.Parse(File.ReadAllText(path)));
        change(config);
        File.WriteAllText(path, config.ToJsonString());
    }

    private static JsonObject ShouldBeObject(JsonNode? node) => node as JsonObject ?? throw new InvalidDataException("the node must be an object; got another value");
}
