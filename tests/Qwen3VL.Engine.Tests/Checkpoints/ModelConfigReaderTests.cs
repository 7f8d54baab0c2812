using System.Text.Json.Nodes;
using Qwen3VL.Engine.Checkpoints;
using Qwen3VL.TestKit;
using Shouldly;
using Xunit;

namespace Qwen3VL.Engine.Tests.Checkpoints;

public sealed class ModelConfigReaderTests : IDisposable
{
    private readonly ModelFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Load_BundledModel_ReadsItsValues()
    {
        ModelConfig config = ModelConfig.Load(Path.Combine(RepositoryPaths.Root, "engine", "models", "qwen3vl-tiny"));
        config.Text.HiddenSize.ShouldBe(256);
        config.Text.HeadDim.ShouldBe(64);
        config.Text.MropeSection.ShouldBe([12, 10, 10]);
        config.Text.RopeTheta.ShouldBe(5e6);
        config.Vision.NumPositionEmbeddings.ShouldBe(1024);
        config.Vision.DeepStackIndexes.ShouldBe([1, 3]);
        config.TieWordEmbeddings.ShouldBeTrue();
        config.VisionEndTokenId.ShouldBe(496);
    }

    [Fact]
    public void Load_RopeParametersOfTransformers5_EqualsRopeScaling()
    {
        _folder.WriteConfig(_ => { });
        ModelConfig old = ModelConfig.Load(_folder.Path);
        _folder.WriteConfig(config =>
        {
            JsonObject text = ModelFolder.Section(config, "text_config");
            text.Remove("rope_scaling");
            text.Remove("rope_theta");
            text["rope_parameters"] = JsonNode.Parse("""{"type":"default","rope_theta":5000000,"mrope_interleaved":true,"mrope_section":[6,5,5]}""");
            ModelFolder.Section(config, "vision_config")["rope_parameters"] = JsonNode.Parse("""{"rope_type":"axial","rope_theta":10000}""");
        });
        ModelConfig renamed = ModelConfig.Load(_folder.Path);
        renamed.Text.MropeSection.ShouldBe(old.Text.MropeSection);
        (renamed.Text with { MropeSection = old.Text.MropeSection }).ShouldBe(old.Text);
    }

    [Theory]
    [InlineData("text_config", "hidden_size")]
    [InlineData("text_config", "head_dim")]
    [InlineData("text_config", "rope_theta")]
    [InlineData("text_config", "rope_scaling")]
    [InlineData("text_config", "rms_norm_eps")]
    [InlineData("vision_config", "depth")]
    [InlineData("vision_config", "deepstack_visual_indexes")]
    [InlineData("vision_config", "num_position_embeddings")]
    public void Load_MissingKey_ThrowsNamingFileAndKey(string section, string key)
    {
        _folder.WriteConfig(config => ModelFolder.Section(config, section).Remove(key));
        CheckpointException exception = Should.Throw<CheckpointException>(() => ModelConfig.Load(_folder.Path));
        exception.Message.ShouldContain("config.json");
        exception.Message.ShouldContain(key);
    }

    [Theory]
    [InlineData("", "model_type", "\"qwen2_vl\"", "qwen3_vl or qwen3_vl_moe")]
    [InlineData("", "model_type", "\"qwen3_vl_moe\"", "text_config.model_type")]
    [InlineData("", "quantization_config", "{\"quant_method\":\"fp8\"}", "weight_block_size")]
    [InlineData("", "quantization_config", "{\"quant_method\":\"awq\",\"weight_block_size\":[128,128]}", "quant_method must be fp8; got awq")]
    [InlineData("", "quantization_config", "{\"weight_block_size\":[128,128]}", "quant_method")]
    [InlineData("", "quantization_config", "{\"quant_method\":\"fp8\",\"fmt\":\"e5m2\",\"weight_block_size\":[128,128]}", "e4m3")]
    [InlineData("", "quantization_config", "{\"quant_method\":\"fp8\",\"activation_scheme\":\"static\",\"weight_block_size\":[128,128]}", "dynamic")]
    [InlineData("", "quantization_config", "{\"quant_method\":\"fp8\",\"weight_block_size\":[128]}", "two sizes")]
    [InlineData("", "quantization_config", "{\"quant_method\":\"fp8\",\"weight_block_size\":[0,128]}", "two sizes")]
    [InlineData("", "quantization_config", "{\"quant_method\":\"fp8\",\"weight_block_size\":[1,1],\"ignored_layers\":[1]}", "list of strings")]
    [InlineData("", "tie_word_embeddings", "1", "true or false")]
    [InlineData("", "image_token_id", "\"x\"", "image_token_id")]
    [InlineData("text_config", "num_experts", "128", "model_type says that the model is dense")]
    [InlineData("text_config", "num_local_experts", "128", "model_type says that the model is dense")]
    [InlineData("text_config", "model_type", "\"qwen3_vl_moe_text\"", "qwen3_vl_text")]
    [InlineData("vision_config", "model_type", "\"siglip\"", "qwen3_vl_vision")]
    [InlineData("text_config", "rope_scaling", "{\"rope_type\":\"llama3\",\"factor\":3}", "default or yarn; got llama3")]
    [InlineData("text_config", "rope_scaling", "{\"rope_type\":\"yarn\",\"mrope_section\":[6,5,5]}", "factor")]
    [InlineData("text_config", "rope_scaling", "{\"rope_type\":\"yarn\",\"factor\":0.5,\"mrope_section\":[6,5,5]}", "factor must be at least 1")]
    [InlineData("text_config", "rope_scaling", "{\"rope_type\":\"yarn\",\"factor\":2,\"beta_fast\":1,\"beta_slow\":32,\"mrope_section\":[6,5,5]}", "beta_fast")]
    [InlineData("text_config", "rope_scaling", "{\"rope_type\":\"yarn\",\"factor\":2,\"attention_factor\":-1,\"mrope_section\":[6,5,5]}", "attention_factor")]
    [InlineData("text_config", "rope_scaling", "{\"rope_type\":\"yarn\",\"factor\":2,\"original_max_position_embeddings\":0,\"mrope_section\":[6,5,5]}", "original_max")]
    [InlineData("text_config", "rope_scaling", "{\"rope_type\":\"yarn\",\"factor\":1e999,\"mrope_section\":[6,5,5]}", "factor")]
    [InlineData("text_config", "rope_scaling", "{\"partial_rotary_factor\":0.5,\"mrope_section\":[6,5,5]}", "partial_rotary_factor")]
    [InlineData("vision_config", "rope_parameters", "{\"rope_type\":\"yarn\"}", "axial")]
    [InlineData("vision_config", "rope_parameters", "{\"rope_type\":\"axial\",\"rope_theta\":5}", "rope_theta must be 10000")]
    [InlineData("text_config", "rope_scaling", "{\"rope_type\":\"default\",\"mrope_section\":[1,2,3]}", "head_dim / 2")]
    [InlineData("text_config", "rope_scaling", "{\"rope_type\":\"default\",\"mrope_interleaved\":false}", "mrope_interleaved")]
    [InlineData("text_config", "attention_bias", "true", "attention_bias")]
    [InlineData("text_config", "hidden_act", "\"gelu\"", "silu")]
    [InlineData("text_config", "num_hidden_layers", "0", "positive")]
    [InlineData("text_config", "num_key_value_heads", "3", "num_attention_heads")]
    [InlineData("vision_config", "num_position_embeddings", "145", "square")]
    [InlineData("vision_config", "deepstack_visual_indexes", "[0,4]", "block indices below depth")]
    [InlineData("vision_config", "deepstack_visual_indexes", "[-1]", "block indices below depth")]
    [InlineData("vision_config", "out_hidden_size", "97", "out_hidden_size")]
    [InlineData("vision_config", "spatial_merge_size", "3", "spatial_merge_size")]
    [InlineData("", "image_token_id", "320", "image_token_id must be an id below text_config.vocab_size = 320; got 320")]
    [InlineData("", "video_token_id", "-1", "video_token_id")]
    [InlineData("", "video_token_id", "300", "another id than image_token_id")]
    [InlineData("text_config", "num_attention_heads", "1025", "at most 1024; got 1025")]
    [InlineData("text_config", "num_attention_heads", "2147483647", "num_attention_heads")]
    [InlineData("text_config", "num_key_value_heads", "1073741824", "num_key_value_heads")]
    [InlineData("text_config", "head_dim", "33", "head_dim must be even")]
    [InlineData("text_config", "head_dim", "1073741824", "head_dim")]
    [InlineData("text_config", "hidden_size", "2147483647", "hidden_size")]
    [InlineData("text_config", "intermediate_size", "2147483648", "intermediate_size")]
    [InlineData("text_config", "vocab_size", "1e3", "vocab_size")]
    [InlineData("text_config", "rope_scaling", "{\"rope_type\":\"default\",\"mrope_section\":[2147483647,2147483647,18]}", "mrope_section")]
    [InlineData("vision_config", "num_heads", "1073741824", "num_heads")]
    [InlineData("vision_config", "hidden_size", "536870912", "hidden_size")]
    [InlineData("vision_config", "patch_size", "65536", "patch_size")]
    [InlineData("vision_config", "temporal_patch_size", "1000000", "temporal_patch_size")]
    [InlineData("vision_config", "num_position_embeddings", "2147395600", "num_position_embeddings")]
    public void Load_WrongValue_ThrowsNamingRule(string section, string key, string json, string expected)
    {
        _folder.WriteConfig(config => ModelFolder.Section(config, section)[key] = JsonNode.Parse(json));
        Should.Throw<CheckpointException>(() => ModelConfig.Load(_folder.Path)).Message.ShouldContain(expected);
    }

    [Theory]
    [InlineData("not json")]
    [InlineData("[]")]
    public void Load_NoObject_Throws(string text)
    {
        _folder.Write("config.json", text);
        Should.Throw<CheckpointException>(() => ModelConfig.Load(_folder.Path)).Message.ShouldContain("config.json");
    }

    [Fact]
    public void Load_NoFile_Throws() => Should.Throw<CheckpointException>(() => ModelConfig.Load(_folder.Path)).Message.ShouldContain("config.json");

    [Fact]
    public void GenerationConfig_SamplingFolder_ReadsItsDefaults()
    {
        _folder.Write("generation_config.json", """{"do_sample":true,"eos_token_id":[7,8],"temperature":0.8,"top_k":20,"top_p":0.95,"repetition_penalty":1.1}""");
        GenerationConfig config = GenerationConfig.Load(_folder.Path);
        config.EosTokenIds.ShouldBe([7, 8]);
        config.Sampling.ShouldBe(new SamplingParameters { Temperature = 0.8, TopK = 20, TopP = 0.95, RepetitionPenalty = 1.1 });
    }

    [Fact]
    public void GenerationConfig_AbsentFileOrKeys_TakesTheDefaults()
    {
        var thinking = new GenerationConfig([3, 4], GenerationConfig.ThinkingDefaults);
        GenerationConfig.Load(_folder.Path, thinking).ShouldBe(thinking);
        _folder.Write("generation_config.json", """{"do_sample":true,"temperature":0.6}""");
        GenerationConfig config = GenerationConfig.Load(_folder.Path, thinking);
        config.EosTokenIds.ShouldBe([3, 4]);
        config.Sampling.ShouldBe(new SamplingParameters { Temperature = 0.6, TopK = 20, TopP = 0.95 });
        _folder.Write("generation_config.json", """{"eos_token_id":9}""");
        config = GenerationConfig.Load(_folder.Path, new GenerationConfig([3, 4], GenerationConfig.InstructDefaults));
        config.EosTokenIds.ShouldBe([9]);
        config.Sampling.ShouldBe(new SamplingParameters { Temperature = 0.7, TopK = 20, TopP = 0.8 });
        _folder.Write("generation_config.json", """{"temperature":1e999}""");
        Should.Throw<CheckpointException>(() => GenerationConfig.Load(_folder.Path, thinking)).Message.ShouldContain("temperature");
    }

    [Theory]
    [InlineData("temperature", "-0.5")]
    [InlineData("top_k", "-1")]
    [InlineData("top_p", "0")]
    [InlineData("top_p", "1.5")]
    [InlineData("min_p", "1")]
    [InlineData("repetition_penalty", "0")]
    [InlineData("presence_penalty", "3")]
    public void GenerationConfig_ValueOutOfRange_ThrowsNamingFileAndKey(string key, string value)
    {
        _folder.Write("generation_config.json", $$"""{"do_sample":true,"eos_token_id":7,"{{key}}":{{value}}}""");
        Should.Throw<CheckpointException>(() => GenerationConfig.Load(_folder.Path)).Message
            .ShouldStartWith($"{_folder.File("generation_config.json")}: {key} must be ");
    }

    [Theory]
    [InlineData("""{"rope_type":"default","rope_theta":5000000,"mrope_section":[6,5,5]}""", null)]
    [InlineData("""{"rope_type":"default","mrope_section":[6,5,5]}""", null)]
    [InlineData("""{"rope_type":"default","rope_theta":5000000,"mrope_section":[4,6,6]}""", "rope_scaling must be what rope_parameters says")]
    [InlineData("""{"rope_type":"yarn","factor":2,"rope_theta":5000000,"mrope_section":[6,5,5]}""", "rope_scaling must be what rope_parameters says")]
    [InlineData("""{"rope_type":"default","rope_theta":10000,"mrope_section":[6,5,5]}""", "rope_theta must be that of rope_parameters")]
    public void Load_BothSpellingsOfTheRotaryKeys_MustAgree(string parameters, string? expected)
    {
        _folder.WriteConfig(config => ModelFolder.Section(config, "text_config")["rope_parameters"] = JsonNode.Parse(parameters));
        if (expected is null)
        {
            ModelConfig.Load(_folder.Path).UnknownKeys.ShouldBeEmpty();
        }
        else
        {
            Should.Throw<CheckpointException>(() => ModelConfig.Load(_folder.Path)).Message.ShouldContain(expected);
        }
    }

    [Fact]
    public void GenerationConfig_GreedyFolderWithOneStopId_IsGreedy()
    {
        _folder.Write("generation_config.json", """{"do_sample":false,"eos_token_id":7,"temperature":0.8}""");
        GenerationConfig config = GenerationConfig.Load(_folder.Path);
        config.EosTokenIds.ShouldBe([7]);
        config.Sampling.ShouldBe(SamplingParameters.Greedy);
        _folder.Write("generation_config.json", """{"do_sample":false}""");
        Should.Throw<CheckpointException>(() => GenerationConfig.Load(_folder.Path)).Message.ShouldContain("eos_token_id");
    }
}
