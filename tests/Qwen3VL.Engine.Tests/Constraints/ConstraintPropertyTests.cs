using System.Text.Json;
using Qwen3VL.Engine.Constraints;
using Qwen3VL.Engine.Tests.Execution;
using Qwen3VL.Engine.Tokenization;
using Qwen3VL.TestKit;
using Qwen3VL.TestKit.Fuzzing;
using Shouldly;
using Xunit;

namespace Qwen3VL.Engine.Tests.Constraints;

/// <summary>What a constraint lets a model write is what its schema describes, whatever the schema.</summary>
[Trait(FuzzRun.Category, FuzzRun.Fuzz)]
public sealed class ConstraintPropertyTests
{
    private static readonly BpeTokenizer Tiny = BpeTokenizer.Load(RepositoryPaths.TinyModel);
    private static readonly TokenTrie TinyTrie = new(Tiny);
    private static readonly FakeTokenizer Bytes = new();
    private static readonly TokenTrie ByteTrie = new(Bytes);

    [Theory]
    [InlineData(0.9)]
    [InlineData(0.6)]
    [InlineData(0.5)]
    [InlineData(0.1)]
    public void Draw_RandomSchemas_FinishedAnswersParseAndValidate(double hurry)
    {
        int numFinished = 0;
        int numSchemas = 0;
        int numTried = FuzzRun.Repeat(
            random =>
            {
                string schema = new RandomSchema(random).Next();
                bool usesBytes = random.Next(3) == 0;
                if (Walk(schema, usesBytes) is not { } walk)
                {
                    return;
                }

                numSchemas++;
                for (int draw = 0; draw < 4; draw++)
                {
                    string? text = walk.Draw(random, usesBytes ? 400 : 200, hurry);
                    if (text is not null)
                    {
                        numFinished++;
                        ShouldValidate(text, schema);
                    }
                }
            },
            minInputs: 120);

        numSchemas.ShouldBeGreaterThan(numTried * 3 / 4);
        numFinished.ShouldBeGreaterThan(numTried / 2);
    }

    [Fact]
    public void Accepts_DrawnAnswersInOtherTokens_TakesThemAll()
    {
        int numChecked = 0;
        int numTried = FuzzRun.Repeat(
            random =>
            {
                string schema = new RandomSchema(random).Next();
                if (Walk(schema, usesBytes: false) is not { } walk || walk.Draw(random, 150, 0.7) is not { } text)
                {
                    return;
                }

                // The tokenizer's own cut, single bytes, and any cut between.
                walk.AcceptsText(text).ShouldBeTrue($"{schema} {text}");
                Walk(schema, usesBytes: true)!.AcceptsText(text).ShouldBeTrue($"{schema} {text}"); // It compiled above.
                int cut = text.Length / 2;
                cut -= cut > 0 && char.IsHighSurrogate(text[cut - 1]) ? 1 : 0;
                walk.Accepts([.. Tiny.Encode(text[..cut], false), .. Tiny.Encode(text[cut..], false)]).ShouldBeTrue($"{schema} {text}");
                numChecked++;
            },
            minInputs: 150);

        numChecked.ShouldBeGreaterThan(numTried / 3);
    }

    [Fact]
    public void Draw_ByTheTreeOfTokens_EqualsTryingEveryToken() => FuzzRun.Repeat(
        random =>
        {
            string schema = new RandomSchema(random).Next();
            if (Walk(schema, usesBytes: false) is not null)
            {
                CompareMasks(random, schema);
            }
        },
        minInputs: 40);

    private static void CompareMasks(Random random, string schema)
    {
        var automaton = new ConstraintAutomaton(SchemaCompiler.Compile(schema, false), TinyTrie, [Tiny.VocabularySize - 1]);
        ParserState state = automaton.Start;
        for (int step = 0; step < 25; step++)
        {
            int[] byTree = [.. Enumerable.Range(0, Tiny.VocabularySize - 1).Where(automaton.MaskOf(state).Contains)];
            int[] byTrying = [.. Enumerable.Range(0, Tiny.VocabularySize - 1).Where(id => IsText(id) && !automaton.Next(state, Tiny.TokenBytes(id, true)).IsDead)];
            byTree.ShouldBe(byTrying, $"{schema} step {step}");
            if (byTree.Length == 0)
            {
                return;
            }

            state = automaton.Next(state, Tiny.TokenBytes(byTree[random.Next(byTree.Length)], true));
        }
    }

    private static bool IsText(int tokenId)
    {
        ReadOnlySpan<byte> bytes = Tiny.TokenBytes(tokenId, true);
        return !bytes.IsEmpty && !(Tiny.TryGetAddedTokenId(System.Text.Encoding.UTF8.GetString(bytes), out int added) && added == tokenId);
    }

    /// <summary>Null for the few drawn schemas that no value can satisfy.</summary>
    private static ConstraintWalk? Walk(string schema, bool usesBytes)
    {
        try
        {
            return usesBytes
                ? new ConstraintWalk(Bytes, ByteTrie, FakeTokenizer.End, schema)
                : new ConstraintWalk(Tiny, TinyTrie, EndOfTurn(), schema);
        }
        catch (InvalidRequestException exception) when (exception.Message.Contains("allows none", StringComparison.Ordinal))
        {
            return null;
        }
    }

    private static int EndOfTurn() => Tiny.TryGetAddedTokenId("<|im_end|>", out int tokenId) ? tokenId : throw new InvalidOperationException("no end of turn");

    private static void ShouldValidate(string text, string schema)
    {
        using JsonDocument document = JsonDocument.Parse(text);
        using JsonDocument definition = JsonDocument.Parse(schema);
        new SchemaValidator(definition.RootElement).Validates(document.RootElement).ShouldBeTrue($"{schema}\n{text}");
    }
}
