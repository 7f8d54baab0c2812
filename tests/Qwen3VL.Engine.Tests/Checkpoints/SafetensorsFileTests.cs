using System.Buffers.Binary;
using Qwen3VL.Engine.Checkpoints;
using Shouldly;
using Xunit;

namespace Qwen3VL.Engine.Tests.Checkpoints;

public sealed class SafetensorsFileTests : IDisposable
{
    private readonly ModelFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void ReadFloats_OfEveryType_ReturnsExactValues()
    {
        float[] values = [0f, -0f, 1f, -2.5f, 65504f, 6.1035156e-05f, 5.9604645e-08f, float.PositiveInfinity, float.NegativeInfinity, 0.333251953125f];
        byte[] data = new byte[(4 + 2) * values.Length];
        for (int i = 0; i < values.Length; i++)
        {
            BinaryPrimitives.WriteSingleLittleEndian(data.AsSpan(4 * i), values[i]);
            BinaryPrimitives.WriteHalfLittleEndian(data.AsSpan(4 * values.Length + 2 * i), (Half)values[i]);
        }

        string path = _folder.WriteTensors("t.safetensors",
            """{"__metadata__":{"format":"pt"},"a":{"dtype":"F32","shape":[2,5],"data_offsets":[0,40]},"b":{"dtype":"F16","shape":[10],"data_offsets":[40,60]}}""",
            data);
        using SafetensorsFile file = SafetensorsFile.Open(path);
        foreach (string name in new[] { "a", "b" })
        {
            float[] actual = new float[10];
            file.ReadFloats(file.Entries[name], 0, actual);
            actual.ShouldBe(values);
            float[] part = new float[3];
            file.ReadFloats(file.Entries[name], 6, part);
            part.ShouldBe(values[6..9]);
        }

        file.Entries["a"].Shape.ShouldBe([2, 5]);
        Should.Throw<ArgumentOutOfRangeException>(() => file.ReadFloats(file.Entries["a"], 8, new float[3]));
    }

    [Theory]
    [InlineData("""[]""")]
    [InlineData("""{"a":1}""")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1]}}""")]
    [InlineData("""{"a":{"dtype":"F99","shape":[1],"data_offsets":[0,4]}}""")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,8]}}""")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[-4,4]}}""")]
    [InlineData("""{"a":{"dtype":"F32","shape":[-1],"data_offsets":[8,4]}}""")]
    [InlineData("""{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,12]}}""")]
    [InlineData("""{"a":{"dtype":"F32","shape":[4294967296,4294967296,1],"data_offsets":[0,0]}}""")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1,1,1,1,1,1,1,1,1],"data_offsets":[0,4]}}""")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4,8]}}""")]
    [InlineData("""{"a":{"dtype":"F32","shape":["1"],"data_offsets":[0,4]}}""")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""")]
    [InlineData("""{"a":""")]
    public void Open_BadHeader_ThrowsCheckpointExceptionNamingTheFile(string header)
    {
        string path = _folder.WriteTensors("bad.safetensors", header, new byte[8]);
        Should.Throw<CheckpointException>(() => SafetensorsFile.Open(path)).Message.ShouldContain("bad.safetensors");
    }

    [Theory]
    [InlineData("""{"w":1}""")]
    [InlineData("""{"w":{"shape":[1],"data_offsets":[0,4]}}""")]
    [InlineData("""{"w":{"dtype":"F32","shape":[1]}}""")]
    [InlineData("""{"w":{"dtype":"F32","shape":["1"],"data_offsets":[0,4]}}""")]
    [InlineData("""{"w":{"dtype":"F32","shape":[0.5],"data_offsets":[0,2]}}""")]
    [InlineData("""{"w":{"dtype":"F32","shape":[1e99],"data_offsets":[0,2]}}""")]
    [InlineData("""{"w":{"dtype":"F32","shape":[99999999999999999999],"data_offsets":[0,2]}}""")]
    [InlineData("""{"w":{"dtype":"F99","shape":[1],"data_offsets":[0,4]}}""")]
    [InlineData("""{"w":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}""")]
    [InlineData("""{"w":{"dtype":"F32","shape":[9223372036854775807,2],"data_offsets":[0,8]}}""")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"w":{"dtype":"F32","shape":[1],"data_offsets":[7,11]}}""")]
    public void Open_BadEntry_ThrowsNamingFileAndTensor(string header)
    {
        string path = _folder.WriteTensors("bad.safetensors", header, new byte[11]);
        string message = Should.Throw<CheckpointException>(() => SafetensorsFile.Open(path)).Message;
        message.ShouldContain("bad.safetensors");
        message.ShouldMatch(@"\bw\b");
    }

    [Theory]
    [InlineData("""{"\ud800":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""")]
    [InlineData("""{"w":{"dtype":"\udfff","shape":[2],"data_offsets":[0,8]}}""")]
    [InlineData("""{"w":{"dtype\ud800":"F32","shape":[2],"data_offsets":[0,8]}}""")]
    public void Open_HalfOfASurrogatePair_ThrowsCheckpointException(string header)
    {
        string path = _folder.WriteTensors("bad.safetensors", header, new byte[8]);
        Should.Throw<CheckpointException>(() => SafetensorsFile.Open(path)).Message.ShouldContain("bad.safetensors");
    }

    [Fact]
    public void Open_NameOfControlCharacters_IsShownHarmlessly()
    {
        string path = _folder.WriteTensors(
            "bad.safetensors", $$$"""{"\n\u001b[2J{{{new string('x', 1000)}}}":{"dtype":"F99","shape":[2],"data_offsets":[0,8]}}""", new byte[8]);
        string message = Should.Throw<CheckpointException>(() => SafetensorsFile.Open(path)).Message;
        message.ShouldAllBe(character => character >= ' ');
        message.Length.ShouldBeLessThan(400);
    }

    [Theory]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"w":{"dtype":"F32","shape":[1],"data_offsets":[8,12]}}""", "data_offsets of w must begin at 4, where the tensor before ends; got 8")]
    [InlineData("""{"w":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}""", "data_offsets of w must begin at 0, where the tensor before ends; got 4")]
    [InlineData("""{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,12]},"w":{"dtype":"F32","shape":[0],"data_offsets":[4,4]}}""", "tensors must not overlap; got a and w")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", "must end with its last tensor, 8 bytes behind the header; got 12 bytes")]
    [InlineData("""{}""", "must end with its last tensor, 0 bytes behind the header; got 12 bytes")]
    public void Open_BytesThatBelongToNoTensorOrTwo_ThrowsNamingFileAndPlace(string header, string expected)
    {
        string path = _folder.WriteTensors("bad.safetensors", header, new byte[12]);
        string message = Should.Throw<CheckpointException>(() => SafetensorsFile.Open(path)).Message;
        message.ShouldStartWith(path);
        message.ShouldContain(expected);
    }

    [Fact]
    public void Open_EmptyTensorsBetweenOthers_AreFound()
    {
        string path = _folder.WriteTensors("t.safetensors",
            """{"c":{"dtype":"F32","shape":[1],"data_offsets":[4,8]},"b":{"dtype":"F32","shape":[0],"data_offsets":[4,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"d":{"dtype":"F32","shape":[0,2],"data_offsets":[8,8]}}""",
            new byte[8]);
        using SafetensorsFile file = SafetensorsFile.Open(path);
        file.Entries.Count.ShouldBe(4);
    }

    [Fact]
    public void Open_TypesOfOtherTensors_AreKnownForTheirSize()
    {
        string path = new TensorFile()
            .Add("a", "BOOL", [3], new byte[3]).Add("b", "U16", [2], new byte[4]).Add("c", "I32", [1], new byte[4]).Add("d", "F64", [1], new byte[8])
            .Write(_folder);
        using SafetensorsFile file = SafetensorsFile.Open(path);
        file.Entries.Values.Select(entry => entry.Length).ShouldBe([3L, 2L, 1L, 1L]);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(long.MaxValue)]
    [InlineData(11)]
    public void Open_HeaderLongerThanTheFile_Throws(long headerBytes)
    {
        string path = _folder.WriteTensors("long.safetensors", "{}", new byte[8], headerBytes);
        Should.Throw<CheckpointException>(() => SafetensorsFile.Open(path)).Message.ShouldContain("header length must be at most");
    }

    [Fact]
    public void Open_MissingOrTinyFile_Throws()
    {
        Should.Throw<CheckpointException>(() => SafetensorsFile.Open(_folder.File("none.safetensors")));
        File.WriteAllBytes(_folder.File("tiny.safetensors"), [1, 2, 3]);
        Should.Throw<CheckpointException>(() => SafetensorsFile.Open(_folder.File("tiny.safetensors")));
    }

    [Fact]
    public void ReadFloats_FileThatShrank_Throws()
    {
        string path = _folder.WriteTensors("t.safetensors", """{"a":{"dtype":"F32","shape":[4],"data_offsets":[0,16]}}""", new byte[16]);
        using SafetensorsFile file = SafetensorsFile.Open(path);
        using (var stream = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
        {
            stream.SetLength(stream.Length - 4);
        }

        Should.Throw<CheckpointException>(() => file.ReadFloats(file.Entries["a"], 0, new float[4])).Message.ShouldContain("end of the file");
    }

    [Fact]
    public void ReadFloats_OfIntegers_Throws()
    {
        string path = _folder.WriteTensors("t.safetensors", """{"a":{"dtype":"I64","shape":[1],"data_offsets":[0,8]}}""", new byte[8]);
        using SafetensorsFile file = SafetensorsFile.Open(path);
        Should.Throw<CheckpointException>(() => file.ReadFloats(file.Entries["a"], 0, new float[1])).Message.ShouldContain("dtype of a");
    }
}
