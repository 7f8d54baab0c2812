using System.Text.Json;
using Qwen3VL.Engine.Tokenization;
using Shouldly;
using Xunit;

namespace Qwen3VL.Engine.Tests.Tokenization;

/// <summary>Expected texts are those of Python 3.11: <c>json.dumps(json.loads(text), ensure_ascii=False)</c>.</summary>
public sealed class PythonJsonTests
{
    [Theory]
    [InlineData("""{"b":1,"a":[1,2,{"c":null}],"d":{}, "e":[]}""", """{"b": 1, "a": [1, 2, {"c": null}], "d": {}, "e": []}""")]
    [InlineData("""["\u5317\u4eac","é","\ud83d\ude00","<&'+>/"]""", """["北京", "é", "😀", "<&'+>/"]""")]
    [InlineData("""["\u0000\u001f\u007f\b\f\n\r\t\"\\\u2028"]""", "[\"\\u0000\\u001f\u007F\\b\\f\\n\\r\\t\\\"\\\\\u2028\"]")]
    [InlineData("""[true,false,null]""", "[true, false, null]")]
    [InlineData("""{"a":1,"b":2,"a":3}""", """{"a": 3, "b": 2}""")]
    [InlineData("[0,-0,-7,12345678901234567890123]", "[0, 0, -7, 12345678901234567890123]")]
    [InlineData("[1.0,1.50,0.1,-0.0,100e-2]", "[1.0, 1.5, 0.1, -0.0, 1.0]")]
    [InlineData("[1e15,1e16,123456789012345678.0,1.5e300,1E+400]", "[1000000000000000.0, 1e+16, 1.2345678901234568e+17, 1.5e+300, Infinity]")]
    [InlineData("[0.0001,0.00001,1.25e-7,5e-324,-1e400]", "[0.0001, 1e-05, 1.25e-07, 5e-324, -Infinity]")]
    [InlineData("[120000.0,1200.25,9007199254740993.0]", "[120000.0, 1200.25, 9007199254740992.0]")]
    public void Write_Value_EqualsPython(string json, string expected)
    {
        using JsonDocument document = JsonDocument.Parse(json);

        PythonJson.Write(document.RootElement).ShouldBe(expected);
    }

    [Theory]
    [InlineData("""["\ud800"]""")]
    [InlineData("""{"\udc00x": 1}""")]
    public void Write_HalfASurrogatePair_IsRefused(string json)
    {
        using JsonDocument document = JsonDocument.Parse(json);

        Should.Throw<ArgumentException>(() => PythonJson.Write(document.RootElement)).Message.ShouldContain("must be well-formed Unicode");
    }

    [Fact]
    public void Write_DeepNesting_IsWrittenToTheLimitAndRefusedBeyond()
    {
        string deepest = new string('[', PythonJson.MaxDepth) + new string(']', PythonJson.MaxDepth);
        var options = new JsonDocumentOptions { MaxDepth = 1_000 };
        using JsonDocument fits = JsonDocument.Parse(deepest, options);
        using JsonDocument exceeds = JsonDocument.Parse(new string('[', 1_000) + new string(']', 1_000), options);

        PythonJson.Write(fits.RootElement).ShouldBe(deepest);
        Should.Throw<ArgumentException>(() => PythonJson.Write(exceeds.RootElement)).Message.ShouldContain("at most 256 deep");
    }

    [Fact]
    public void Write_Undefined_IsRefused() => Should.Throw<ArgumentException>(() => PythonJson.Write(default)).Message.ShouldContain("Undefined");
}
