using System.Text.Json;
using Qwen3VL.Engine.Constraints;
using Shouldly;
using Xunit;

namespace Qwen3VL.Engine.Tests.Constraints;

public sealed class SchemaDisjointnessTests
{
    [Theory]
    [InlineData("""[{"const":1},{"const":2},{"enum":[3,"1"]}]""", -1)]
    [InlineData("""[{"const":1},{"const":2},{"const":1.0}]""", 2)]
    [InlineData("""[{"const":1e2},{"enum":[7,100]}]""", 1)]
    [InlineData("""[{"const":{"a":1,"b":[2]}},{"const":{"b":[2.0],"a":1}}]""", 1)]
    [InlineData("""[{"const":{"a":1,"b":2}},{"const":{"a":2,"b":1}}]""", -1)]
    [InlineData("""[{"const":"a"},{"type":"string"}]""", 1)]
    [InlineData("""[{"type":"string"},{"const":"a"}]""", 1)]
    [InlineData("""[{"type":"string"},{"const":1},{"anyOf":[{"const":2},{"type":"null"}]}]""", -1)]
    [InlineData("""[{"enum":[1,1]},{"const":2}]""", -1)]
    [InlineData("""[{"type":"integer"},{"type":"number"}]""", 1)]
    [InlineData("""[false,{},false]""", -1)]
    [InlineData("""[{},true]""", 1)]
    public void FirstOverlap_Alternatives_IsTheFirstThatMayShareAValue(string alternatives, int expected) => Find(alternatives, "{}").Overlap.ShouldBe(expected);

    [Fact]
    public void FirstOverlap_ThousandsOfConstants_ComparesEachOnce()
    {
        (int overlap, int work) = Find($"[{string.Join(',', Enumerable.Range(0, 14_000).Select(i => $$"""{"const":{{i}}}"""))}]", "{}");
        overlap.ShouldBe(-1);
        work.ShouldBeLessThan(60_000);
    }

    [Fact]
    public void FirstOverlap_ReferencesFanningOut_ComparesEachPairOnce()
    {
        // 200 to the sixth ways through the references.
        string definitions = string.Join(',', Enumerable.Range(0, 3).SelectMany(level => (string[])[Level('a', level, "integer"), Level('b', level, "string")]));
        (int overlap, int work) = Find("""[{"$ref":"#/$defs/a0"},{"$ref":"#/$defs/b0"}]""", $$$"""{"$defs":{{{{definitions}}}}}""");
        overlap.ShouldBe(-1);
        work.ShouldBeLessThan(10_000);

        static string Level(char side, int level, string type)
        {
            string part = level < 2 ? $$"""{"$ref":"#/$defs/{{side}}{{level + 1}}"}""" : $$"""{"type":"{{type}}"}""";
            return $$"""
                "{{side}}{{level}}":{"anyOf":[{{string.Join(',', Enumerable.Repeat(part, level < 2 ? 200 : 1))}}]}
                """;
        }
    }

    [Fact]
    public void FirstOverlap_PairsWithoutEnd_AreRefused()
    {
        string objects = string.Join(',', Enumerable.Range(0, 800).Select(i => $$$"""{"type":"object","properties":{"k":{"const":{{{i}}}}},"required":["k"]}"""));
        Should.Throw<InvalidRequestException>(() => Find($"[{objects}]", "{}")).Message.ShouldContain("#/oneOf must have entries that can be told apart");
    }

    [Fact]
    public void FirstOverlap_NumbersOfOneHash_AreRefused()
    {
        // Different decimals of the same binary64.
        string numbers = string.Join(',', Enumerable.Range(0, 3000).Select(i => $$"""{"const":1.00000000000000000000000{{i:D4}}1}"""));
        Should.Throw<InvalidRequestException>(() => Find($"[{numbers}]", "{}")).Message.ShouldContain("told apart");
    }

    private static (int Overlap, int Work) Find(string alternatives, string root)
    {
        using JsonDocument parts = JsonDocument.Parse(alternatives);
        using JsonDocument whole = JsonDocument.Parse(root);
        var disjointness = new SchemaDisjointness(new SchemaReferences(whole.RootElement));
        return (disjointness.FirstOverlap([.. parts.RootElement.EnumerateArray()], "#/oneOf"), disjointness.Work);
    }
}
