using Qwen3VL.Engine.Backends;
using Qwen3VL.Engine.Checkpoints;
using Shouldly;
using Xunit;

namespace Qwen3VL.Engine.Tests.Checkpoints;

public sealed class WeightMapTests : IDisposable
{
    private const string Name = "model.language_model.layers.0.self_attn.q_proj.weight";
    private static readonly QuantizationConfig Blocks = new(2, 2, []);

    private readonly ModelFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(Name)]
    [InlineData("language_model.layers.0.self_attn.q_proj.weight")]
    [InlineData("language_model.model.layers.0.self_attn.q_proj.weight")]
    public void Matrix_OfScaledFloats_HasTheScalesBesideItsSpelling(string spelling)
    {
        Scaled(spelling, [1, 2]).Write(_folder);
        StoredWeight weight = Open(Blocks);
        weight.Description.Type.ShouldBe(WeightType.F8E4M3);
        float[] values = new float[6];
        WeightConversion.ReadFloats(weight, 0, values);

        // 0x38 is 1.
        values.ShouldBe([2f, 2f, 3f, 2f, 2f, 3f]);
    }

    [Fact]
    public void Matrix_ScaledFloatsOfALayerOnTheList_AreWhatTheirDataSay()
    {
        Scaled(Name, [1, 2]).Write(_folder);
        Open(new QuantizationConfig(2, 2, ["language_model.layers.0.self_attn.q_proj"])).Description.Scales.ShouldNotBeNull();
    }

    [Fact]
    public void Matrix_ContradictingQuantisation_ThrowsNamingTheTensor()
    {
        Scaled(Name, [1, 2]).Write(_folder);
        Fails(null).ShouldContain($"{Name} must not be F8_E4M3 without quantization_config");
        Scaled(Name, [2, 1]).Write(_folder);
        Fails(Blocks).ShouldContain("_scale_inv must have shape [1, 2]; got [2, 1]");
        Codes().Write(_folder);
        Fails(Blocks).ShouldContain($"must have scales {Name}_scale_inv; got none");
        Fails(new QuantizationConfig(2, 2, ["model.language_model.layers.0"])).ShouldContain("on the list of those not converted");
        Codes().AddFloats(Name + "_scale_inv", [1, 2], [1, float.NaN]).Write(_folder);
        Fails(Blocks).ShouldContain("_scale_inv must be finite");
        Codes().Add(Name + "_scale_inv", "I32", [1, 2], new byte[8]).Write(_folder);
        Fails(Blocks).ShouldContain("_scale_inv must be BF16, F16 or F32");
        new TensorFile().AddFloats(Name, [2, 3], new float[6]).AddFloats(Name + "_scale_inv", [1, 2], new float[2]).Write(_folder);
        Fails(Blocks).ShouldContain("must be F8_E4M3");
        new TensorFile().Add(Name, "I64", [2, 3], new byte[48]).Write(_folder);
        Fails(Blocks).ShouldContain($"dtype of {Name} must be");
    }

    [Theory]
    [InlineData(0x7f)]
    [InlineData(0xff)]
    public void Read_NaNAmongScaledFloats_ThrowsNamingTheTensor(byte code)
    {
        new TensorFile().Add(Name, "F8_E4M3", [2, 3], [0, 0, 0, 0, code, 0]).AddFloats(Name + "_scale_inv", [1, 2], [1, 1]).Write(_folder);
        using CheckpointIndex index = CheckpointIndex.Open(_folder.Path);
        StoredWeight weight = new WeightMap(index, Blocks).Matrix(Name, 2, 3);
        Should.NotThrow(() => weight.Read(0, new byte[3]));
        Should.Throw<CheckpointException>(() => weight.Read(1, new byte[3])).Message.ShouldContain($"values of {Name} must be numbers");
    }

    [Theory]
    [InlineData("model.visual.blocks.0.attn.qkv", "model.visual.blocks.0.attn.qkv.weight", true)]
    [InlineData("visual.blocks.0.attn.qkv", "model.visual.blocks.0.attn.qkv.weight", true)]
    [InlineData("model.visual", "visual.blocks.0.attn.qkv.weight", true)]
    [InlineData("lm_head", "lm_head.weight", true)]
    [InlineData("model.visual.blocks.1", "model.visual.blocks.10.attn.qkv.weight", false)]
    [InlineData("model.language_model.layers.0.mlp.gate", "model.language_model.layers.0.mlp.gate_proj.weight", false)]
    public void LeavesAlone_BothSpellings_MatchWholeModules(string module, string tensor, bool expected) =>
        new QuantizationConfig(128, 128, [module]).LeavesAlone(tensor).ShouldBe(expected);

    [Fact]
    public void CheckUnused_TensorsThatChangeNothing_AreCountedAndNamedSafely()
    {
        var file = new TensorFile().AddFloats(Name, [2, 3], new float[6]);
        for (int i = 0; i < 20; i++)
        {
            file.Add($"extra.{i:00}\n{new string('x', 500)}.rotary_emb.inv_freq", "I32", [1], new byte[4]);
        }

        file.Write(_folder);
        using CheckpointIndex index = CheckpointIndex.Open(_folder.Path);
        var map = new WeightMap(index);
        map.Matrix(Name, 2, 3);
        (int count, IReadOnlyList<string> names) = map.CheckUnused();
        count.ShouldBe(20);
        names.Count.ShouldBe(8);
        names[0].ShouldStartWith("extra.00?xxx");
        names.ShouldAllBe(name => name.Length < 180);
    }

    [Fact]
    public void Matrix_PartsOfDifferentTypes_MeetAsFloats()
    {
        new TensorFile()
            .AddFloats("visual.blocks.0.attn.q.weight", [1, 2], [1, 2])
            .Add("visual.blocks.0.attn.k.weight", "BF16", [1, 2], [0x40, 0x40, 0x80, 0x40])
            .AddFloats("visual.blocks.0.attn.v.weight", [1, 2], [5, 6])
            .Write(_folder);
        using CheckpointIndex index = CheckpointIndex.Open(_folder.Path);
        StoredWeight packed = new WeightMap(index).Matrix("model.visual.blocks.0.attn.qkv.weight", 3, 2);
        packed.Description.Type.ShouldBe(WeightType.F32);
        float[] values = new float[6];
        WeightConversion.ReadFloats(packed, 0, values);
        values.ShouldBe([1f, 2f, 3f, 4f, 5f, 6f]);
    }

    private static TensorFile Codes() => new TensorFile().Add(Name, "F8_E4M3", [2, 3], [0x38, 0x38, 0x38, 0x38, 0x38, 0x38]);

    private static TensorFile Scaled(string name, int[] grid) =>
        new TensorFile().Add(name, "F8_E4M3", [2, 3], [0x38, 0x38, 0x38, 0x38, 0x38, 0x38]).AddFloats(name + "_scale_inv", grid, [2, 3]);

    private StoredWeight Open(QuantizationConfig? quantization)
    {
        // Left open for the reads of the test, closed with the process of the test at the latest.
        CheckpointIndex index = CheckpointIndex.Open(_folder.Path);
        return new WeightMap(index, quantization).Matrix(Name, 2, 3);
    }

    private string Fails(QuantizationConfig? quantization)
    {
        using CheckpointIndex index = CheckpointIndex.Open(_folder.Path);
        return Should.Throw<CheckpointException>(() => new WeightMap(index, quantization).Matrix(Name, 2, 3)).Message;
    }
}
