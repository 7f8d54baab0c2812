using System.Text.Json.Nodes;
using Qwen3VL.Engine.Checkpoints;
using Qwen3VL.TestKit;
using Shouldly;
using Xunit;

namespace Qwen3VL.Engine.Tests.Checkpoints;

/// <summary>The sizes of the family (spec 1.5): their configurations parse to the published values, shapes and numbers of parameters.</summary>
public sealed class FamilyConfigTests : IDisposable
{
    private const string Reference = "qwen3-vl-30b-a3b-thinking/";

    private readonly ModelFolder _folder = new();

    public static TheoryData<string, long, long, int> Sizes => new()
    {
        { "2B", 2_127_532_032, 406_957_056, 625 },
        { "4B", 4_437_815_808, 415_347_712, 713 },
        { "8B", 8_767_123_696, 576_388_336, 750 },
        { "32B", 33_357_390_064, 595_266_800, 1058 },
        { "30B-A3B", 31_070_754_032, 538_631_408, 882 },
        { "235B-A22B", 235_670_022_896, 576_388_336, 1388 },
    };

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Load_ReleasedSize_HasThePublishedNumberOfParametersAndTensors(string size, long parameters, long visionParameters, int tensors)
    {
        _folder.Write("config.json", FamilyConfig.Of(size).ToJsonString());
        ModelConfig config = ModelConfig.Load(_folder.Path);
        IReadOnlyList<(string Name, long[] Shape)> plan = TensorPlan.Of(config);
        plan.Sum(tensor => Length(tensor.Shape)).ShouldBe(parameters);
        plan.Where(tensor => tensor.Name.StartsWith("model.visual.", StringComparison.Ordinal)).Sum(tensor => Length(tensor.Shape)).ShouldBe(visionParameters);
        plan.Count.ShouldBe(tensors);
        config.UnknownKeys.ShouldBeEmpty();
        config.Vision.OutHiddenSize.ShouldBe(config.Text.HiddenSize);
    }

    [Theory]
    [InlineData("dense-tied")]
    [InlineData("dense-untied-wide")]
    [InlineData("dense-yarn")]
    [InlineData("moe")]
    public void TensorPlan_GoldenCheckpoint_IsWhatItsFilesHold(string model)
    {
        string folder = Goldens.Path("models", model);
        var stored = new Dictionary<string, long[]>();
        foreach (string path in CheckpointIndex.ListFiles(folder).Where(path => path.EndsWith(".safetensors", StringComparison.Ordinal)))
        {
            using SafetensorsFile file = SafetensorsFile.Open(path);
            foreach ((string name, SafetensorsEntry entry) in file.Entries)
            {
                stored.Add(name, [.. entry.Shape]);
            }
        }

        IReadOnlyList<(string Name, long[] Shape)> plan = TensorPlan.Of(ModelConfig.Load(folder));
        plan.Select(tensor => tensor.Name).Order().ShouldBe(stored.Keys.Order());
        foreach ((string name, long[] shape) in plan)
        {
            stored[name].ShouldBe(shape, name);
        }
    }

    [Fact]
    public void Load_ReleasedMixture_ReadsItsExperts()
    {
        _folder.Write("config.json", FamilyConfig.Of("30B-A3B").ToJsonString());
        ExpertConfig experts = ModelConfig.Load(_folder.Path).Text.Experts.ShouldNotBeNull();
        experts.NumExperts.ShouldBe(128);
        experts.NumExpertsPerToken.ShouldBe(8);
        experts.IntermediateSize.ShouldBe(768);
        experts.SparseStep.ShouldBe(1);
        experts.DenseLayers.ShouldBeEmpty();
    }

    [Fact]
    public void Load_MixtureInSpellingOfTransformers5_EqualsTheReleasedOne()
    {
        JsonObject config = FamilyConfig.Of("30B-A3B");
        _folder.Write("config.json", config.ToJsonString());
        ModelConfig released = ModelConfig.Load(_folder.Path);
        JsonObject text = ModelFolder.Section(config, "text_config");
        foreach (string key in (string[])["num_experts", "norm_topk_prob", "decoder_sparse_step", "mlp_only_layers", "intermediate_size", "rope_scaling", "rope_theta"])
        {
            text.Remove(key);
        }

        text["num_local_experts"] = 128;
        text["mlp_only_layers"] = null;
        text["rope_parameters"] = JsonNode.Parse("""{"rope_type":"default","rope_theta":5000000,"mrope_interleaved":true,"mrope_section":[24,20,20]}""");
        ModelFolder.Section(config, "vision_config")["model_type"] = "qwen3_vl_moe_vision";
        ModelFolder.Section(config, "vision_config")["rope_parameters"] = JsonNode.Parse("""{"rope_type":"axial","rope_theta":10000.0}""");
        _folder.Write("config.json", config.ToJsonString());
        ModelConfig renamed = ModelConfig.Load(_folder.Path);
        renamed.UnknownKeys.ShouldBeEmpty();
        ExpertConfig experts = renamed.Text.Experts.ShouldNotBeNull();
        (experts with { DenseLayers = [] }).ShouldBe(released.Text.Experts.ShouldNotBeNull() with { DenseLayers = experts.DenseLayers.Count == 0 ? [] : [-1] });
        renamed.Text.RopeTheta.ShouldBe(released.Text.RopeTheta);
        renamed.Text.MropeSection.ShouldBe(released.Text.MropeSection);
    }

    [Theory]
    [InlineData("num_experts_per_tok", "129", "at most num_experts = 128")]
    [InlineData("num_experts_per_tok", "0", "positive")]
    [InlineData("num_experts", "null", "num_experts")]
    [InlineData("num_local_experts", "64", "num_experts = 128")]
    [InlineData("moe_intermediate_size", "null", "moe_intermediate_size")]
    [InlineData("mlp_only_layers", "[48]", "below num_hidden_layers = 48")]
    [InlineData("mlp_only_layers", "[-1]", "below num_hidden_layers = 48")]
    [InlineData("decoder_sparse_step", "0", "positive")]
    [InlineData("norm_topk_prob", "1", "true or false")]
    public void Load_WrongExperts_ThrowsNamingRule(string key, string json, string expected)
    {
        JsonObject config = FamilyConfig.Of("30B-A3B");
        ModelFolder.Section(config, "text_config")[key] = JsonNode.Parse(json);
        _folder.Write("config.json", config.ToJsonString());
        Should.Throw<CheckpointException>(() => ModelConfig.Load(_folder.Path)).Message.ShouldContain(expected);
    }

    [Fact]
    public void Load_DenseLayerWithoutItsWidth_Throws()
    {
        JsonObject config = FamilyConfig.Of("30B-A3B");
        ModelFolder.Section(config, "text_config")["decoder_sparse_step"] = 2;
        _folder.Write("config.json", config.ToJsonString());
        TextConfig text = ModelConfig.Load(_folder.Path).Text;
        text.IsSparse(0).ShouldBeFalse();
        text.IsSparse(1).ShouldBeTrue();
        ModelFolder.Section(config, "text_config").Remove("intermediate_size");
        _folder.Write("config.json", config.ToJsonString());
        Should.Throw<CheckpointException>(() => ModelConfig.Load(_folder.Path)).Message.ShouldContain("intermediate_size");
    }

    [Fact]
    public void IsSparse_StepAndDenseLayers_FollowTheReference()
    {
        JsonObject config = FamilyConfig.Of("30B-A3B");
        ModelFolder.Section(config, "text_config")["decoder_sparse_step"] = 3;
        ModelFolder.Section(config, "text_config")["mlp_only_layers"] = new JsonArray(5);
        _folder.Write("config.json", config.ToJsonString());
        TextConfig text = ModelConfig.Load(_folder.Path).Text;
        Enumerable.Range(0, 12).Where(text.IsSparse).ShouldBe([2, 8, 11]);
    }

    [Fact]
    public void Load_UnknownKeys_ListsThemBoundedAndPrintable()
    {
        JsonObject config = FamilyConfig.Of("2B");
        config["new_thing"] = 1;
        ModelFolder.Section(config, "vision_config")["evil\n\u001b[31m" + new string('x', 500)] = 1;
        ModelFolder.Section(ModelFolder.Section(config, "text_config"), "rope_scaling")["scaling_colour"] = "red";
        _folder.Write("config.json", config.ToJsonString());
        IReadOnlyList<string> keys = ModelConfig.Load(_folder.Path).UnknownKeys;
        keys.Count.ShouldBe(3);
        keys.ShouldContain("new_thing");
        keys.ShouldContain("text_config.rope_scaling.scaling_colour");
        keys.ShouldContain(key => key.StartsWith("vision_config.evil??[31mxxx", StringComparison.Ordinal) && key.Length < 200);

        for (int i = 0; i < 1000; i++)
        {
            config[$"key{i}"] = i;
        }

        _folder.Write("config.json", config.ToJsonString());
        ModelConfig.Load(_folder.Path).UnknownKeys.Count.ShouldBe(ModelConfig.MaxUnknownKeys);
    }

    [Fact]
    public void Load_WrongValueOfAnyLength_IsShownShort()
    {
        JsonObject config = FamilyConfig.Of("2B");
        config["model_type"] = "\u0007" + new string('m', 10_000);
        _folder.Write("config.json", config.ToJsonString());
        string message = Should.Throw<CheckpointException>(() => ModelConfig.Load(_folder.Path)).Message;
        message.Length.ShouldBeLessThan(500);
        message.ShouldNotContain('\u0007');
    }

    [ReferenceFact(Reference + "config.json")]
    public void Load_RealConfiguration_IsTheOneOfTheTable()
    {
        ModelConfig config = LoadReference("config.json");
        config.Quantization.ShouldBeNull();
        config.UnknownKeys.ShouldBeEmpty();
        TensorPlan.Of(config).Sum(tensor => Length(tensor.Shape)).ShouldBe(31_070_754_032);
    }

    [ReferenceFact(Reference + "config_fp8.json")]
    public void Load_RealFp8Configuration_HasItsBlocksAndUnquantisedModules()
    {
        ModelConfig config = LoadReference("config_fp8.json");
        QuantizationConfig quantization = config.Quantization.ShouldNotBeNull();
        (quantization.BlockRows, quantization.BlockColumns).ShouldBe((128, 128));
        quantization.UnquantizedModules.Count.ShouldBe(293);
        quantization.UnquantizedModules.ShouldContain("lm_head");
        config.UnknownKeys.ShouldBeEmpty();
    }

    [ReferenceFact(Reference + "generation_config.json")]
    public void GenerationConfig_RealThinkingFile_EqualsTheThinkingDefaults()
    {
        GenerationConfig config = GenerationConfig.Load(Path.GetDirectoryName(ReferenceFiles.Find(Reference + "generation_config.json")).ShouldNotBeNull());
        config.EosTokenIds.ShouldBe([151645, 151643]);
        config.Sampling.ShouldBe(GenerationConfig.ThinkingDefaults);
    }

    private ModelConfig LoadReference(string file)
    {
        File.Copy(ReferenceFiles.Find(Reference + file).ShouldNotBeNull(), _folder.File("config.json"));
        return ModelConfig.Load(_folder.Path);
    }

    private static long Length(long[] shape) => shape.Aggregate(1L, (product, size) => product * size);
}
