using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using Qwen3VL.Engine.Checkpoints;
using Shouldly;
using Xunit;

namespace Qwen3VL.Engine.Tests.Checkpoints;

public sealed class LoraAdapterTests : IDisposable
{
    private const string Module = "model.language_model.layers.0.self_attn.q_proj";

    private readonly ModelFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("""{"r":2,"lora_alpha":6}""", 3)]
    [InlineData("""{"r":2,"lora_alpha":6,"use_rslora":true}""", 4.242640687)]
    [InlineData("""{"r":8,"lora_alpha":6,"rank_pattern":{"q_proj":2},"alpha_pattern":{"q_proj":5}}""", 2.5)]
    [InlineData("""{"r":2,"lora_alpha":6,"alpha_pattern":{"k_proj":5,"proj":7,"layers\\.[01]\\.self_attn\\.q_proj":1,"q_proj":9}}""", 0.5)]
    [InlineData("""{"r":2,"lora_alpha":6,"alpha_pattern":{"^q_proj":5}}""", 3)]
    [InlineData("""{"r":2,"lora_alpha":6,"init_lora_weights":"gaussian","use_dora":false,"modules_to_save":[],"bias":"none","loftq_config":{}}""", 3)]
    public void Read_Module_GivesItsFactorsWithTheScale(string config, double scale)
    {
        Write(config, Module);
        using LoraAdapter adapter = LoraAdapter.Open(_folder.Path);
        (float[] reduce, float[] expand, int rank) = adapter.Read(Module, 4, 3).ShouldNotBeNull();
        rank.ShouldBe(2);
        reduce.ShouldBe([0, 1, 2, 3, 4, 5]);
        expand.Select((value, i) => Math.Abs(value - (6 + i) * scale)).Max().ShouldBeLessThan(1e-5);
        adapter.Read(Module, 4, 3).ShouldBeNull();
        Should.NotThrow(adapter.CheckAllUsed);
    }

    [Theory]
    [InlineData("language_model.layers.0.self_attn.q_proj")]
    [InlineData("language_model.model.layers.0.self_attn.q_proj")]
    public void Read_OtherSpellingOfTheModule_FindsIt(string spelling)
    {
        Write("""{"r":2,"lora_alpha":2}""", spelling);
        using LoraAdapter adapter = LoraAdapter.Open(_folder.Path);
        adapter.Read(Module, 4, 3).ShouldNotBeNull();
    }

    [Fact]
    public void Read_ModuleWithoutAdapter_GivesNothingAndTheLeftOverIsNamed()
    {
        Write("""{"r":2,"lora_alpha":2}""", "model.language_model.layers.0.mlp.experts.gate_up_proj");
        using LoraAdapter adapter = LoraAdapter.Open(_folder.Path);
        adapter.Read(Module, 4, 3).ShouldBeNull();
        Should.Throw<CheckpointException>(adapter.CheckAllUsed).Message.ShouldContain("must be a linear layer of the model; got model.language_model");
    }

    [Theory]
    [InlineData("peft_type", "\"IA3\"", "LORA")]
    [InlineData("r", "0", "positive")]
    [InlineData("r", "null", "r must be")]
    [InlineData("lora_alpha", "-1", "positive")]
    [InlineData("lora_alpha", "1e999", "positive")]
    [InlineData("use_dora", "true", "use_dora must be absent")]
    [InlineData("use_qalora", "true", "use_qalora")]
    [InlineData("fan_in_fan_out", "true", "fan_in_fan_out")]
    [InlineData("lora_bias", "true", "lora_bias")]
    [InlineData("bias", "\"all\"", "bias must be none; got all")]
    [InlineData("modules_to_save", "[\"lm_head\"]", "modules_to_save")]
    [InlineData("layer_replication", "[[0,1]]", "layer_replication")]
    [InlineData("trainable_token_indices", "[1]", "trainable_token_indices")]
    [InlineData("target_parameters", "[\"mlp.experts.gate_up_proj\"]", "target_parameters")]
    [InlineData("alora_invocation_tokens", "[1]", "alora_invocation_tokens")]
    [InlineData("arrow_config", "{\"a\":1}", "arrow_config")]
    [InlineData("init_lora_weights", "\"pissa\"", "init_lora_weights")]
    [InlineData("rank_pattern", "{\"(\":2}", "regular expressions")]
    [InlineData("rank_pattern", "{\"(?=x)\":2}", "regular expressions")]
    [InlineData("rank_pattern", "{\"q\":1.5}", "rank_pattern.q")]
    [InlineData("alpha_pattern", "{\"q\":\"x\"}", "alpha_pattern.q")]
    public void Open_UnsupportedOrWrongConfiguration_ThrowsNamingTheKey(string key, string json, string expected)
    {
        JsonObject config = JsonNode.Parse("""{"peft_type":"LORA","r":2,"lora_alpha":2}""") as JsonObject ?? throw new InvalidOperationException("must be an object");
        config[key] = JsonNode.Parse(json);
        Write(config.ToJsonString(), Module);
        CheckpointException exception = Should.Throw<CheckpointException>(() => LoraAdapter.Open(_folder.Path));
        exception.Message.ShouldContain("adapter_config.json");
        exception.Message.ShouldContain(expected);
    }

    [Theory]
    [InlineData("model.x.weight")]
    [InlineData("base_model.model.x.lora_embedding_A")]
    [InlineData("base_model.model.x.lora_magnitude_vector")]
    [InlineData("base_model.model..lora_A.weight.extra")]
    [InlineData("base_model.model.lora_A.weight")]
    public void Open_TensorOfAnotherKind_ThrowsNamingIt(string tensor)
    {
        _folder.Write("adapter_config.json", """{"r":2,"lora_alpha":2}""");
        _folder.WriteTensors("adapter_model.safetensors", $$$"""{"{{{tensor}}}":{"dtype":"F32","shape":[1,1],"data_offsets":[0,4]}}""", new byte[4]);
        Should.Throw<CheckpointException>(() => LoraAdapter.Open(_folder.Path)).Message.ShouldContain(tensor);
    }

    [Theory]
    [InlineData(5, 3)]
    [InlineData(4, 2)]
    public void Read_FactorsOfAnotherShape_Throws(int rows, int columns)
    {
        Write("""{"r":2,"lora_alpha":2}""", Module);
        using LoraAdapter adapter = LoraAdapter.Open(_folder.Path);
        Should.Throw<CheckpointException>(() => adapter.Read(Module, rows, columns)).Message.ShouldContain("must have shape");
    }

    [Fact]
    public void Read_OtherRankThanConfigured_Throws()
    {
        Write("""{"r":3,"lora_alpha":2}""", Module);
        using LoraAdapter adapter = LoraAdapter.Open(_folder.Path);
        Should.Throw<CheckpointException>(() => adapter.Read(Module, 4, 3)).Message.ShouldContain("must have shape [3, 3]; got [2, 3]");
    }

    [Theory]
    [InlineData("A", float.NaN, "2")]
    [InlineData("A", float.PositiveInfinity, "2")]
    [InlineData("B", float.NegativeInfinity, "2")]
    [InlineData("B", 1f, "1e300")]
    [InlineData("B", 2f, "6e38")]
    public void Read_FactorsThatAreNotFinite_ThrowsNamingTheTensor(string factor, float value, string alpha)
    {
        _folder.Write("adapter_config.json", $$$"""{"r":2,"lora_alpha":{{{alpha}}}}""");
        float[] a = [0, 1, 2, 3, 4, factor == "A" ? value : 5];
        float[] b = [0, 0, 0, 0, 0, 0, 0, factor == "B" ? value : 1];
        new TensorFile()
            .AddFloats($"base_model.model.{Module}.lora_A.weight", [2, 3], a)
            .AddFloats($"base_model.model.{Module}.lora_B.weight", [4, 2], b)
            .Write(_folder, "adapter_model.safetensors");
        using LoraAdapter adapter = LoraAdapter.Open(_folder.Path);
        string message = Should.Throw<CheckpointException>(() => adapter.Read(Module, 4, 3)).Message;
        message.ShouldContain("adapter_model.safetensors");
        message.ShouldContain($"{Module}.lora_{factor}.weight");
        message.ShouldContain("must be finite");
    }

    [Fact]
    public void Read_OneFactorOnly_Throws()
    {
        _folder.Write("adapter_config.json", """{"r":1,"lora_alpha":2}""");
        _folder.WriteTensors("adapter_model.safetensors",
            $$$"""{"base_model.model.{{{Module}}}.lora_A.weight":{"dtype":"F32","shape":[1,1],"data_offsets":[0,4]}}""", new byte[4]);
        using LoraAdapter adapter = LoraAdapter.Open(_folder.Path);
        Should.Throw<CheckpointException>(() => adapter.Read(Module, 1, 1)).Message.ShouldContain("lora_B");
    }

    [Fact]
    public void Open_MissingFiles_ThrowsNamingThem()
    {
        Should.Throw<CheckpointException>(() => LoraAdapter.Open(_folder.Path)).Message.ShouldContain("adapter_config.json");
        _folder.Write("adapter_config.json", """{"r":1,"lora_alpha":2}""");
        Should.Throw<CheckpointException>(() => LoraAdapter.Open(_folder.Path)).Message.ShouldContain("adapter_model.safetensors");
        _folder.WriteTensors("adapter_model.safetensors", "{}", []);
        Should.Throw<CheckpointException>(() => LoraAdapter.Open(_folder.Path)).Message.ShouldContain("at least one layer");
    }

    // A is [2, 3] with 0..5, B is [4, 2] with 6..13.
    private void Write(string config, string module)
    {
        _folder.Write("adapter_config.json", config);
        float[] values = Enumerable.Range(0, 14).Select(value => (float)value).ToArray();
        string header = $$$"""
            {"base_model.model.{{{module}}}.lora_A.weight":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]},
            "base_model.model.{{{module}}}.lora_B.weight":{"dtype":"F32","shape":[4,2],"data_offsets":[24,56]}}
            """;
        _folder.WriteTensors("adapter_model.safetensors", header, MemoryMarshal.AsBytes(values.AsSpan()).ToArray());
    }
}
