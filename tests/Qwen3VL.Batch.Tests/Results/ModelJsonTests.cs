using Qwen3VL.Batch.Jobs;
using Qwen3VL.Batch.Results;
using Shouldly;
using Xunit;
using Xunit.Abstractions;

namespace Qwen3VL.Batch.Tests.Results;

public sealed class ModelJsonTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData("""[{"a": 1}, {"a": 2}]""")]
    [InlineData("```json\n[{\"a\": 1}, {\"a\": 2}]\n```")]
    [InlineData("```\n[{\"a\": 1}, {\"a\": 2}]")]
    [InlineData("Here [as asked] it is:\n```json\n[{\"a\": 1}, {\"a\": 2}]\n```\nAnything else?")]
    [InlineData("Sure! See [1]: [{'a': 1}, {'a': 2}] and so on")]
    [InlineData("[{'a': 1,}, {'a': 2,},]")]
    [InlineData("[{a: 1}, {a: 2}]")]
    [InlineData("({'a': 1}, {'a': 2})")]
    [InlineData("{\"a\": 1}\n{\"a\": 2}\n")]
    [InlineData("""{"objects": [{"a": 1}, {"a": 2}]}""")]
    [InlineData("""[{"a": 5, "a": 1} {"a": "2"}]""")]
    public void Read_ListInAnyDress_GivesItsObjects(string answer)
    {
        ParseOutcome<ModelRecords> outcome = ModelJson.Read(answer);

        outcome.Value.ShouldNotBeNull().Objects.Select(Number).ShouldBe([1, 2]);
        outcome.Failure.ShouldBeNull();
    }

    [Fact]
    public void Read_SingleObject_IsAListOfOne() => ModelJson.Read("""{"a": 7}""").Value.ShouldNotBeNull().Objects.ShouldHaveSingleItem();

    [Theory]
    [InlineData("""[{"a": 1}, {"a": 2}, {"a": 3, "b": [1, 2""")]
    [InlineData("""[{"a": 1}, {"a": 2}, {"a""")]
    [InlineData("""[{"a": 1}, {"a": 2},""")]
    [InlineData("""[{"a": 1}, {"a": 2}""")]
    public void Read_TruncatedTail_KeepsCompleteObjectsAndSaysSo(string answer)
    {
        ParseOutcome<ModelRecords> outcome = ModelJson.Read(answer);

        outcome.Value.ShouldNotBeNull().Objects.Select(Number).ShouldBe([1, 2]);
        outcome.Failure.ShouldNotBeNull().Code.ShouldBe(ErrorCodes.OutputTruncated);
    }

    [Fact]
    public void Read_BadEntryAmongGoodOnes_IsCountedAndSkipped()
    {
        ParseOutcome<ModelRecords> outcome = ModelJson.Read("""[{"a": 1}, {"b": ;;}, {"a": 2}, 5]""");

        outcome.Value.ShouldNotBeNull().Objects.Select(Number).ShouldBe([1, 2]);
        outcome.Failure.ShouldNotBeNull().Message.ShouldBe("list entries must be objects; 2 of 4 were not");
    }

    [Fact]
    public void Read_EmptyList_IsAnAnswer()
    {
        ParseOutcome<ModelRecords> outcome = ModelJson.Read("```json\n[]\n```");

        outcome.Value.ShouldNotBeNull().Objects.ShouldBeEmpty();
        outcome.Failure.ShouldBeNull();
    }

    [Theory]
    [InlineData("")]
    [InlineData("There are no boxes.")]
    [InlineData("[1, 2, 3]")]
    [InlineData("{}")]
    [InlineData("{[}]")]
    [InlineData("```json\n```")]
    public void Read_NothingOfTheForm_IsAFailureWithoutModelText(string answer)
    {
        ParseOutcome<ModelRecords> outcome = ModelJson.Read(answer);

        outcome.Value.ShouldBeNull();
        outcome.Failure.ShouldBe(new ParseFailure(ErrorCodes.OutputUnreadable, "answer must hold a JSON list of objects; got none"));
    }

    [Fact]
    public void Read_TruncatedBeforeTheFirstEntryEnds_IsAFailure()
    {
        ParseOutcome<ModelRecords> outcome = ModelJson.Read("""[{"bbox_2d": [1, 2""");

        outcome.Value.ShouldBeNull();
        outcome.Failure.ShouldNotBeNull().Code.ShouldBe(ErrorCodes.OutputTruncated);
    }

    [Fact]
    public void Read_AnswerBeyondTheLimit_IsAFailure() => ModelJson.Read(new string('[', ModelJson.MaxLength + 1)).Value.ShouldBeNull();

    [Fact]
    public void Read_HugeNesting_DoesNotRecurseWithoutBound()
    {
        string deep = new('[', ModelJson.MaxLength);

        ModelJson.Read(deep).Value.ShouldBeNull();
        ModelJson.Read(string.Concat(Enumerable.Repeat("{\"a\":", ModelJson.MaxLength / 5))).Value.ShouldBeNull();
    }

    [Theory]
    [InlineData("""[{"a": "he said "yes" twice"}]""", "he said \"yes\" twice")]
    [InlineData("[{'a': 'it's late'}]", "it's late")]
    [InlineData("[{\"a\": \"two\nlines\"}]", "two\nlines")]
    [InlineData("""[{"a": "\u0041\u00e9\n\"\\\/\q"}]""", "Aé\n\"\\/q")]
    [InlineData("""[{"a": "\ud83d\ude00 \ud83d x\u0000y"}]""", "😀 \ufffd xy")]
    public void Read_TextWithQuotesAndEscapes_IsReadAsMeant(string answer, string text)
    {
        ModelJson.Read(answer).Value.ShouldNotBeNull().Objects[0]["a"].TryGetText(out string read).ShouldBeTrue();

        read.ShouldBe(text);
    }

    [Fact]
    public void Read_AnyGarbage_NeverThrows()
    {
        int seed = Environment.TickCount;
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        string[] pieces = ["[", "]", "{", "}", "(", ")", "\"", "'", ",", ":", "\\", "\\u12", "```json\n", "```", "NaN", "-1e999", "12", "bbox_2d", "\"a\"", "\0", "\ud800", " ", "\n", "None", "é"];
        for (int round = 0; round < 20_000; round++)
        {
            string garbage = string.Concat(Enumerable.Range(0, random.Next(40)).Select(_ => pieces[random.Next(pieces.Length)]));

            ParseOutcome<ModelRecords> outcome = ModelJson.Read(garbage);

            (outcome.Value is null && outcome.Failure is null).ShouldBeFalse();
        }
    }

    private static double Number(IReadOnlyDictionary<string, ModelValue> entry)
    {
        entry["a"].TryGetNumber(out double number).ShouldBeTrue();
        return number;
    }
}
