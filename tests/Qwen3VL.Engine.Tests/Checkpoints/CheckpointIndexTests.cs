using Qwen3VL.Engine.Checkpoints;
using Qwen3VL.TestKit;
using Shouldly;
using Xunit;

namespace Qwen3VL.Engine.Tests.Checkpoints;

public sealed class CheckpointIndexTests : IDisposable
{
    private const string OneTensor = """{"lm_head.weight":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]}}""";

    private readonly ModelFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Open_ShardedGolden_FindsTensorsOfEveryShard()
    {
        using CheckpointIndex index = CheckpointIndex.Open(Goldens.Path("models", "dense-untied-wide"));
        index.TensorNames.Count.ShouldBeGreaterThan(100);
        foreach (string name in index.TensorNames)
        {
            index.TryFind(name, out _, out _).ShouldBeTrue(name);
        }

        CheckpointIndex.ListFiles(Goldens.Path("models", "dense-untied-wide")).Count.ShouldBe(3);
    }

    [Theory]
    [InlineData("../secret.safetensors")]
    [InlineData("/etc/passwd")]
    [InlineData("sub/model.safetensors")]
    [InlineData("..")]
    [InlineData("")]
    [InlineData("a\\\\b.safetensors")]
    public void Open_IndexThatLeavesTheFolder_Throws(string fileName)
    {
        _folder.Write(CheckpointIndex.IndexFileName, $$$"""{"weight_map":{"lm_head.weight":"{{{fileName}}}"}}""");
        Should.Throw<CheckpointException>(() => CheckpointIndex.Open(_folder.Path)).Message.ShouldContain("lm_head.weight");
    }

    [Fact]
    public void Open_MissingShardOrTensor_ThrowsNamingIt()
    {
        _folder.Write(CheckpointIndex.IndexFileName, """{"weight_map":{"lm_head.weight":"a.safetensors","other":"a.safetensors"}}""");
        Should.Throw<CheckpointException>(() => CheckpointIndex.Open(_folder.Path)).Message.ShouldContain("a.safetensors");
        _folder.WriteTensors("a.safetensors", OneTensor, new byte[8]);
        Should.Throw<CheckpointException>(() => CheckpointIndex.Open(_folder.Path)).Message.ShouldContain("other");
    }

    [Fact]
    public void Open_TensorInTwoShards_ThrowsNamingBoth()
    {
        _folder.Write(CheckpointIndex.IndexFileName, """{"weight_map":{"lm_head.weight":"a.safetensors","other":"b.safetensors"}}""");
        _folder.WriteTensors("a.safetensors", OneTensor, new byte[8]);
        new TensorFile().AddFloats("other", [1], [1]).AddFloats("lm_head.weight", [1, 2], [1, 2]).Write(_folder, "b.safetensors");
        string message = Should.Throw<CheckpointException>(() => CheckpointIndex.Open(_folder.Path)).Message;
        message.ShouldContain("b.safetensors must not hold lm_head.weight");
        message.ShouldContain("a.safetensors; got a copy");
    }

    [Fact]
    public void Open_ShardWithTensorsTheIndexDoesNotName_ThrowsNamingBoth()
    {
        _folder.Write(CheckpointIndex.IndexFileName, """{"weight_map":{"other":"b.safetensors"}}""");
        new TensorFile().AddFloats("other", [1], [1]).AddFloats("lm_head.weight", [1, 2], [1, 2]).Write(_folder, "b.safetensors");
        Should.Throw<CheckpointException>(() => CheckpointIndex.Open(_folder.Path)).Message
            .ShouldBe($"{_folder.File("b.safetensors")} must hold only tensors that {CheckpointIndex.IndexFileName} names; got lm_head.weight");
    }

    [Fact]
    public void Open_ShardWithADerivedTableTheIndexDoesNotName_LeavesItOut()
    {
        _folder.Write(CheckpointIndex.IndexFileName, """{"weight_map":{"other":"b.safetensors"}}""");
        new TensorFile().AddFloats("other", [1], [1]).AddFloats("model.rotary_emb.inv_freq", [2], [1, 2]).Write(_folder, "b.safetensors");
        using CheckpointIndex index = CheckpointIndex.Open(_folder.Path);
        index.TensorNames.ShouldBe(["other"]);
        index.TotalBytes.ShouldBe(4);
    }

    [Theory]
    [InlineData("1")]
    [InlineData("\"../up\"")]
    public void Open_IndexWithAHostileName_IsShownHarmlessly(string value)
    {
        _folder.Write(CheckpointIndex.IndexFileName, $$$"""{"weight_map":{"\n\u001b[2J{{{new string('x', 1000)}}}":{{{value}}}}}""");
        string message = Should.Throw<CheckpointException>(() => CheckpointIndex.Open(_folder.Path)).Message;
        message.ShouldAllBe(character => character >= ' ');
        message.Length.ShouldBeLessThan(500);
    }

    [Fact]
    public void Open_IndexTooLong_ThrowsBeforeReadingIt()
    {
        using (FileStream stream = File.Create(_folder.File(CheckpointIndex.IndexFileName)))
        {
            stream.SetLength((64L << 20) + 1);
        }

        Should.Throw<CheckpointException>(() => CheckpointIndex.Open(_folder.Path)).Message.ShouldContain("must have at most 67108864 bytes; got 67108865");
    }

    [Fact]
    public void Open_LinkToAFileElsewhere_IsFollowed()
    {
        using var store = new ModelFolder();
        store.WriteTensors("blob", OneTensor, new byte[8]);
        File.CreateSymbolicLink(_folder.File(CheckpointIndex.SingleFileName), store.File("blob"));
        using CheckpointIndex index = CheckpointIndex.Open(_folder.Path);
        index.TensorNames.ShouldBe(["lm_head.weight"]);
    }

    [Theory]
    [InlineData("""{"weight_map":{"a":"a.safetensors","a":"b.safetensors"}}""", "named once")]
    [InlineData("""{"weight_map":{"a\ud800":"a.safetensors"}}""", "Unicode")]
    [InlineData("""{"weight_map":{"a":"\udc00.safetensors"}}""", "Unicode")]
    [InlineData("""{"weight_map":{"a":1}}""", "a string")]
    [InlineData("""{"weight_map":[]}""", "an object")]
    [InlineData("""{""", "JSON")]
    public void Open_BadIndex_ThrowsNamingIt(string index, string expected)
    {
        _folder.Write(CheckpointIndex.IndexFileName, index);
        string message = Should.Throw<CheckpointException>(() => CheckpointIndex.Open(_folder.Path)).Message;
        message.ShouldContain(CheckpointIndex.IndexFileName);
        message.ShouldContain(expected);
    }

    [Fact]
    public void Open_EmptyFolder_ThrowsNamingTheExpectedFile() =>
        Should.Throw<CheckpointException>(() => CheckpointIndex.Open(_folder.Path)).Message.ShouldContain(CheckpointIndex.SingleFileName);

    [Theory]
    [InlineData("lm_head.weight", "lm_head.weight")]
    [InlineData("language_model.lm_head.weight", "lm_head.weight")]
    [InlineData("language_model.norm.weight", "model.language_model.norm.weight")]
    [InlineData("language_model.model.norm.weight", "model.language_model.norm.weight")]
    [InlineData("visual.merger.norm.weight", "model.visual.merger.norm.weight")]
    public void WeightMap_CirculatingSpellings_AreFound(string onDisk, string released)
    {
        _folder.WriteTensors(CheckpointIndex.SingleFileName, $$$"""{"{{{onDisk}}}":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", new byte[8]);
        using CheckpointIndex index = CheckpointIndex.Open(_folder.Path);
        float[] values = new float[2];
        Should.NotThrow(() => WeightConversion.ReadFloats(new WeightMap(index).Matrix(released, 1, 2), 0, values));
        Should.Throw<CheckpointException>(() => new WeightMap(index).Matrix(released, 1, 3)).Message.ShouldContain("must have shape [1, 3]");
        Should.Throw<CheckpointException>(() => new WeightMap(index).Matrix("model.visual.other", 1, 2)).Message.ShouldContain("model.visual.other");
    }

    [Fact]
    public void WeightMap_SplitVisionAttention_IsReadAsPacked()
    {
        byte[] data = new byte[24];
        for (int i = 0; i < 6; i++)
        {
            BitConverter.TryWriteBytes(data.AsSpan(4 * i), i + 1f).ShouldBeTrue();
        }

        _folder.WriteTensors(CheckpointIndex.SingleFileName,
            """{"visual.blocks.0.attn.q.bias":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"visual.blocks.0.attn.k.bias":{"dtype":"F32","shape":[1],"data_offsets":[4,8]},"visual.blocks.0.attn.v.bias":{"dtype":"F32","shape":[1],"data_offsets":[8,12]},"visual.blocks.0.attn.q.weight":{"dtype":"F32","shape":[1,1],"data_offsets":[12,16]},"visual.blocks.0.attn.k.weight":{"dtype":"F32","shape":[1,1],"data_offsets":[16,20]},"visual.blocks.0.attn.v.weight":{"dtype":"F32","shape":[1,1],"data_offsets":[20,24]}}""",
            data);
        using CheckpointIndex index = CheckpointIndex.Open(_folder.Path);
        float[] values = new float[3];
        var map = new WeightMap(index);
        WeightConversion.ReadFloats(map.Matrix("model.visual.blocks.0.attn.qkv.bias", 1, 3), 0, values);
        values.ShouldBe([1f, 2f, 3f]);
        float[] lastTwo = new float[2];
        WeightConversion.ReadFloats(map.Matrix("model.visual.blocks.0.attn.qkv.weight", 3, 1), 1, lastTwo);
        lastTwo.ShouldBe([5f, 6f]);
        Should.Throw<CheckpointException>(() => map.Matrix("model.visual.blocks.0.attn.qkv.bias", 1, 6)).Message.ShouldContain("attn.q.bias");
    }
}
