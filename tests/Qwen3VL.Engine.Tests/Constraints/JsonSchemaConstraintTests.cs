using Qwen3VL.Engine.Constraints;
using Qwen3VL.Engine.Tests.Execution;
using Shouldly;
using Xunit;

namespace Qwen3VL.Engine.Tests.Constraints;

public sealed class JsonSchemaConstraintTests
{
    private static readonly FakeTokenizer Tokenizer = new();
    private static readonly TokenTrie Trie = new(Tokenizer);

    [Theory]
    [InlineData("""{"type":"integer"}""", "0|-7|120|999999999999999999", "01|1.0|1e2|+1|-|1234567890123456789|\"1\"| 1|1 ")]
    [InlineData("""{"type":"number"}""", "0|-0.5|1.25e-3|7E+10", ".5|1.|1e|1e100|NaN|--1")]
    [InlineData("""{"type":"integer","minimum":-12,"maximum":105}""", "-12|-9|0|-0|7|99|100|105", "-13|106|-20|110|1000")]
    [InlineData("""{"type":"integer","exclusiveMinimum":0,"exclusiveMaximum":10.5}""", "1|9|10", "0|-1|11|-0")]
    [InlineData("""{"type":"number","minimum":0,"maximum":1}""", "0|1|0.5|1.000|0.99999", "-0|1.1|1.0001|-0.1|2|0.")]
    [InlineData("""{"type":"number","exclusiveMinimum":-0.25,"maximum":12.5}""", "-0.2|-0.24999|12.5|12.50|11.9|0", "-0.25|-0.250|12.51|12.6|13|-1")]
    [InlineData("""{"type":"number","minimum":0,"exclusiveMaximum":0.3}""", "0|0.2|0.29|0.29999999999999", "0.3|0.30|0.29999999999999999|0.299999999999999999")]
    [InlineData("""{"type":"number","exclusiveMinimum":-12.5}""", "-12.4999|0|123456789|0.25|-12.4999999999999", "-12.5|-12.49999999999999999|-13")]
    [InlineData("""{"type":"array","items":{"type":"null"},"maxItems":1,"uniqueItems":false}""", "[]|[null]", "[null,null]")]
    [InlineData("""{"type":"object","properties":{"a":{"type":"null"}},"minProperties":0}""", "{}|{\"a\":null}", "{\"b\":1}")]
    [InlineData("""{"type":"integer","format":"date","minimum":0,"maximum":9}""", "7", "\"2024-02-28\"|70")]
    [InlineData("""{"type":"string","pattern":"^[\\u0000-\\uffff]$"}""", "\"a\"|\"é\"|\"\uFFFD\"", "\"\"|\"ab\"|\"😀\"")]
    [InlineData("""{"type":["boolean","null"]}""", "true|false|null", "True|nul|0")]
    [InlineData("""{"enum":["a","ab",1,null,[1,"x"]],"type":["string","array"]}""", "\"a\"|\"ab\"|[1,\"x\"]|[1, \"x\"]", "1|null|\"b\"|\"\"|\"abc\"")]
    [InlineData("""{"const":{"k":[true]}}""", "{\"k\":[true]}|{\"k\": [true]}|{\n  \"k\": [\n\ttrue\n]\n}", "{}|{\"k\":[]}|{\"k\":[true],}")]
    [InlineData("""{"type":"string","minLength":2,"maxLength":3}""", "\"ab\"|\"日本語\"|\"😀\\n\"|\"\\u00e9\\ud83d\\ude00x\"", "\"a\"|\"abcd\"|\"😀\"|\"\\ud83dab\"|\"\\ude00ab\"|\"a\nb\"|ab")]
    [InlineData("""{"type":"string","pattern":"^\\d{2}-[^a-z\"]+$","maxLength":5}""", "\"12-A\"|\"12-Ä\\\\\"", "\"12-a\"|\"1-A\"|\"12-\"|\"12-ABC\"|\"12-\\\"\"")]
    [InlineData("""{"type":"string","pattern":"b|^c"}""", "\"abc\"|\"b\"|\"c\"|\"ca\"", "\"ac\"|\"\"")]
    [InlineData("""{"type":"string","format":"date"}""", "\"2024-02-28\"|\"1999-12-31\"", "\"2024-02-30\"|\"2024-13-01\"|\"0000-01-01\"|\"2024-04-31\"")]
    [InlineData("""{"type":"array","items":{"type":"integer"},"minItems":2,"maxItems":3}""", "[1,2]|[1, 2, 3]|[\n\t1,\n\t2\n]", "[1]|[]|[1,2,3,4]|[1,,2]|[1,2,]|[1,  2]|[ 1,2]")]
    [InlineData("""{"type":"array","prefixItems":[{"type":"string"},{"type":"null"}]}""", "[]|[\"a\"]|[\"a\",null]", "[null]|[\"a\",null,1]")]
    [InlineData("""{"type":"array","prefixItems":[{"type":"null"}],"items":{"type":"boolean"},"minItems":1}""", "[null]|[null,true,false]", "[]|[true]|[null,null]")]
    [InlineData("""{"type":"array","maxItems":0}""", "[]", "[1]|[\n]")]
    public void Compile_Keyword_TakesExactlyItsValues(string schema, string valid, string invalid) => ShouldTake(schema, valid, invalid);

    [Theory]
    [InlineData(
        """{"type":"object","properties":{"a":{"type":"integer"},"b":{"type":"null"},"c":{"type":"boolean"}},"required":["b"]}""",
        "{\"b\":null}|{\"a\": 1, \"b\": null, \"c\": true}|{\n\t\"a\":1,\n\t\"b\":null\n}|{\"b\":null,\"c\":false}",
        "{}|{\"a\":1}|{\"b\":null,\"a\":1}|{\"b\":null,}|{,\"b\":null}|{\"b\":null,\"d\":1}|{\"b\" :null}|{\"a\":1,\"a\":1,\"b\":null}")]
    [InlineData("""{"type":"object","properties":{"a":{"type":"integer"},"b":{"type":"null"}}}""", "{}|{\"a\":1}|{\"b\":null}|{\"a\":1,\"b\":null}", "{\n}|{\"c\":1}")]
    [InlineData(
        """{"type":"object","properties":{"label":{"type":"integer"}},"additionalProperties":{"type":"boolean"}}""",
        "{}|{\"label\":1}|{\"lab\":true}|{\"labels\":true}|{\"\":true}|{\"label\":1,\"x\\u0041\":false,\"y\":true}|{\"é\":true}",
        "{\"label\":true}|{\"l\\u0061bel\":true}|{\"x\":1}|{\"x\":true,\"label\":1}")]
    [InlineData("""{"type":"object","required":["x"]}""", "{\"x\":[{}]}|{\"x\":1,\"y\":2}", "{}|{\"y\":1}")]
    [InlineData("""{"type":"object","properties":{"a":false}}""", "{}", "{\"a\":1}")]
    [InlineData("""{"properties":{"a":{"type":"null"}}}""", "{}|{\"a\":null}", "1")]
    [InlineData("{}", "1|\"x\"|[]|{}|[1,{\"a\":[null]}]|{\"a\": {\"b\": -1.5e3}}", "[|{\"a\"}|[1}|tru")]
    [InlineData("true", "1|{}", "")]
    [InlineData("""{"anyOf":[{"type":"integer"},{"type":"string","maxLength":1}]}""", "1|\"a\"", "\"ab\"|null")]
    [InlineData("""{"oneOf":[{"type":"integer"},{"type":["string"]},{"const":null}]}""", "1|\"a\"|null", "true")]
    [InlineData("""{"allOf":[{"$ref":"#/$defs/a~1b"}],"$defs":{"a/b":{"type":"null"}}}""", "null", "1")]
    [InlineData(
        """{"$ref":"#/$defs/tree","$defs":{"tree":{"type":"array","items":{"$ref":"#/$defs/tree"}}}}""",
        "[]|[[],[[]]]|[[[[[[[[]]]]]]]]", "[1]|[[]")]
    public void Compile_Structure_TakesExactlyItsValues(string schema, string valid, string invalid) => ShouldTake(schema, valid, invalid);

    [Theory]
    [InlineData("""{"type":"string","contentEncoding":"base64"}""", "# must use supported keywords only; got contentEncoding")]
    [InlineData("""{"properties":{"a/b":{"not":{}}}}""", "#/properties/a~1b must use supported keywords only; got not")]
    [InlineData("""{"type":"number","multipleOf":2}""", "got multipleOf")]
    [InlineData("""{"type":"array","uniqueItems":true}""", "got uniqueItems")]
    [InlineData("""{"type":"object","minProperties":1}""", "got minProperties")]
    [InlineData("""{"type":"string","pattern":"a[]b]"}""", "#/pattern must have a character in every class")]
    [InlineData("""{"type":"string","pattern":"a[^]"}""", "#/pattern must have a character in every class")]
    [InlineData("""{"type":"number","exclusiveMaximum":0.1234567890123456}""", "#/exclusiveMaximum must have at most 15 digits for type number")]
    [InlineData("""{"type":"number","exclusiveMinimum":1000000000000000}""", "#/exclusiveMinimum must have at most 15 digits")]
    [InlineData("""{"type":"number","minimum":1e-40}""", "#/minimum must be a number within")]
    [InlineData("""{"\ud800":1}""", "json_schema at # must have names and strings of whole characters")]
    [InlineData("""{"properties":{"\ud800":{}}}""", "at #/properties must have names")]
    [InlineData("""{"properties":{"a":{"const":[1,{"k":{"\udfff":1}}]}}}""", "at #/properties/a/const/1/k must have names")]
    [InlineData("""{"enum":["\udc00x"]}""", "at #/enum/0 must have names and strings of whole characters")]
    [InlineData("""{"$ref":"#/\ud800"}""", "at #/$ref must have")]
    [InlineData("""{"type":"\ud800"}""", "at #/type must have")]
    [InlineData("""{"required":["\ud800"]}""", "at #/required/0 must have")]
    [InlineData("""{"oneOf":[{"const":{"\ud800":1}},{"const":1}]}""", "at #/oneOf/0/const must have")]
    [InlineData("{\"a\\nb\\u2028\\u200f\":1}", "got a\\u{a}b\\u{2028}\\u{200f}")]
    [InlineData("""{"$ref":"#/$defs/a","type":"string","$defs":{"a":{}}}""", "have only annotations beside $ref; got type")]
    [InlineData("""{"$ref":"http://example.org/schema"}""", "#/$ref must be a JSON pointer into the same schema")]
    [InlineData("""{"$ref":"#/$defs/b","$defs":{}}""", "must name a part of the schema; got #/$defs/b")]
    [InlineData("""{"oneOf":[{"type":"integer"},{"type":"number"}]}""", "entry 1 that may overlap")]
    [InlineData("""{"oneOf":[{"properties":{"a":{}}},{"type":"string"}]}""", "entry 1 that may overlap")]
    [InlineData("""{"allOf":[{},{}]}""", "#/allOf must have 1 entry; got 2")]
    [InlineData("""{"type":"text"}""", "#/type must be one of object, array")]
    [InlineData("""{"type":"string","minLength":-1}""", "#/minLength must be a whole number")]
    [InlineData("""{"type":"string","minLength":3,"maxLength":2}""", "must have minLength of at most its maxLength 2; got 3")]
    [InlineData("""{"type":"string","format":"email"}""", "#/format must be one of date")]
    [InlineData("""{"type":"string","pattern":"(?=a)b"}""", "#/pattern must have plain groups")]
    [InlineData("""{"type":"string","pattern":"a\\b"}""", "have known escapes; not \\b")]
    [InlineData("""{"type":"string","pattern":"(a"}""", "close every group")]
    [InlineData("""{"type":"string","pattern":"a{2000}"}""", "at most 1000")]
    [InlineData("""{"type":"string","pattern":"((a{100}){100}){100}"}""", "at most")]
    [InlineData("""{"type":"integer","minimum":1e20}""", "#/minimum must be a number within")]
    [InlineData("""{"type":"array","minItems":5000}""", "at most 4096; got 5000")]
    [InlineData("""{"type":"array","items":[{}]}""", "#/items must be a schema")]
    [InlineData("""{"type":"integer","minimum":5,"maximum":4}""", "allows none")]
    [InlineData("""{"type":"object","properties":{"a":{"$ref":"#"}},"required":["a"]}""", "allows none")]
    [InlineData("""{"$ref":"#"}""", "allows none")]
    [InlineData("""{"type":"object","properties":{"a":false},"required":["a"]}""", "allows none")]
    [InlineData("[]", "# must be an object or a boolean; got Array")]
    [InlineData("{\"type\":", "must be JSON of at most 64 levels; got an error in line 1")]
    public void Compile_WhatCannotBeEnforced_IsRefusedWithItsPlace(string schema, string words) =>
        Should.Throw<InvalidRequestException>(() => NewWalk(schema)).Message.ShouldContain(words);

    [Fact]
    public void Compile_HalfASurrogatePairInTheText_IsRefused()
    {
        // Not as data of a theory: attributes are stored as UTF-8.
        foreach (string schema in (string[])["\ud800", "{\"title\":\"\udfff\"}"])
        {
            Should.Throw<InvalidRequestException>(() => NewWalk(schema)).Message.ShouldContain("must be text of whole characters; got half a surrogate pair at character");
        }
    }

    [Fact]
    public void Compile_LongNames_AreCutInTheRefusal()
    {
        string name = new('x', 10_000);
        string message = Should.Throw<InvalidRequestException>(() => NewWalk($$$"""{"properties":{"{{{name}}}":{"{{{name}}}":1} } }""")).Message;
        message.ShouldContain("xxx…");
        message.Length.ShouldBeLessThan(400);
    }

    [Fact]
    public void Compile_ManyPartsBehindALongName_IsRefused()
    {
        string parts = string.Join(',', Enumerable.Repeat("{}", 200));
        string name = new('x', 100_000);
        Should.Throw<InvalidRequestException>(() => NewWalk($$$"""{"$ref":"#/$defs/{{{name}}}","$defs":{"{{{name}}}":{"anyOf":[{{{parts}}}]} } }""")).Message.ShouldContain("in all");
    }

    [Fact]
    public void Compile_LongChainOfReferences_TakesItsEnd()
    {
        string links = string.Join(',', Enumerable.Range(0, 8000).Select(i => $$"""
            "{{i}}":{"$ref":"#/$defs/{{i + 1}}"}
            """));
        NewWalk($$$"""{"$ref":"#/$defs/0","$defs":{{{{links}}},"8000":{"type":"null"} } }""").AcceptsText("null").ShouldBeTrue();
    }

    [Fact]
    public void Compile_FurtherNamesBesideLongOnes_TakesFewSteps()
    {
        int numSteps = SchemaCompiler.Compile($$$"""{"properties":{"{{{new string('x', 3000)}}}":{}},"additionalProperties":true}""", false).NumSteps;
        numSteps.ShouldBeLessThan(3000 * 20);
    }

    [Fact]
    public void Compile_LargeSchemas_AreRefused()
    {
        Should.Throw<InvalidRequestException>(() => NewWalk($"{{\"const\":\"{new string('a', 300_000)}\"}}")).Message.ShouldContain("262144 characters");
        string values = string.Join(',', Enumerable.Range(0, 30_000).Select(i => $"[{i}]"));
        Should.Throw<InvalidRequestException>(() => NewWalk($"{{\"enum\":[{values}]}}")).Message.ShouldContain("60000 states");
        string names = string.Join(',', Enumerable.Range(0, 201).Select(i => $"\"p{i}\":{{}}"));
        Should.Throw<InvalidRequestException>(() => NewWalk($"{{\"properties\":{{{names}}}}}")).Message.ShouldContain("at most 200 properties");
    }

    [Fact]
    public void Mask_DeepNesting_EndsAtTheLimitAndCanAlwaysClose()
    {
        ConstraintWalk walk = NewWalk("{}");
        walk.AcceptsText(new string('[', 31) + new string(']', 31)).ShouldBeTrue();
        walk.AcceptsText(new string('[', 40) + new string(']', 40)).ShouldBeFalse();
    }

    [Fact]
    public void Mask_SchemaOfDoublingReadings_IsFollowedToTheLimitAndRefusedBeyond()
    {
        // Every level doubles the readings of the same text.
        ConstraintWalk walk = NewWalk("""
            {"$ref":"#/$defs/t","$defs":{"t":{"anyOf":[
              {"type":"object","properties":{"a":{"$ref":"#/$defs/t"}}},
              {"type":"object","properties":{"a":{"$ref":"#/$defs/t"},"b":{"type":"null"}}}]}}}
            """);
        walk.AcceptsText(Nested(6)).ShouldBeTrue();
        Should.Throw<InvalidRequestException>(() => walk.AcceptsText(Nested(20))).Message.ShouldContain("readings of a text");

        static string Nested(int levels) => $"{string.Concat(Enumerable.Repeat("{\"a\":", levels))}{{}}{new string('}', levels)}";
    }

    [Fact]
    public void Compile_BehindReasoning_AllowsTwoLineBreaksBefore()
    {
        var walk = new ConstraintWalk(Tokenizer, Trie, FakeTokenizer.End, """{"type":"null"}""", followsReasoning: true);
        walk.AcceptsText("null").ShouldBeTrue();
        walk.AcceptsText("\n\nnull").ShouldBeTrue();
        walk.AcceptsText("\n\n\nnull").ShouldBeFalse();
        NewWalk("""{"type":"null"}""").AcceptsText("\nnull").ShouldBeFalse();
    }

    private static void ShouldTake(string schema, string valid, string invalid)
    {
        ConstraintWalk walk = NewWalk(schema);
        foreach (string text in valid.Split('|'))
        {
            walk.AcceptsText(text).ShouldBeTrue(text);
        }

        foreach (string text in invalid.Split('|').Where(text => text.Length > 0))
        {
            walk.AcceptsText(text).ShouldBeFalse(text);
        }
    }

    private static ConstraintWalk NewWalk(string schema) => new(Tokenizer, Trie, FakeTokenizer.End, schema);
}
