using Qwen3VL.Engine.Constraints;
using Qwen3VL.Engine.Tests.Execution;
using Shouldly;
using Xunit;
using Xunit.Abstractions;

namespace Qwen3VL.Engine.Tests.Constraints;

public sealed class ConstraintAutomatonTests(ITestOutputHelper output)
{
    private static readonly FakeTokenizer Tokenizer = new();
    private static readonly TokenTrie Trie = new(Tokenizer);

    [Fact]
    public void Accept_MoreReadingsThanAreFollowed_RefusesAndNeverContradictsTheMask()
    {
        int numRefusedBehindMask = 0;
        for (int numReadings = ConstraintAutomaton.MaxReadings - 3; numReadings < ConstraintAutomaton.MaxReadings + 3; numReadings++)
        {
            var answer = new AnswerConstraint(NewAutomaton(ManyReadings(numReadings)), Tokenizer, [FakeTokenizer.End]);
            answer.Mask(isInReasoning: false).Contains('"').ShouldBeTrue();
            answer.Accept('"');
            bool isInMask = false;
            try
            {
                isInMask = answer.Mask(isInReasoning: false).Contains('e');
                answer.Accept('e');
                answer.Accept('r');
                answer.Mask(isInReasoning: false).Contains('"').ShouldBeTrue();
                numReadings.ShouldBeLessThan(ConstraintAutomaton.MaxReadings);
            }
            catch (InvalidRequestException exception)
            {
                exception.Message.ShouldContain($"at most {ConstraintAutomaton.MaxReadings} readings");
                numReadings.ShouldBeGreaterThanOrEqualTo(ConstraintAutomaton.MaxReadings);
                numRefusedBehindMask += isInMask ? 1 : 0;
            }
        }

        // The case in which a part of the readings fits and all of them do not.
        numRefusedBehindMask.ShouldBe(1);
    }

    [Fact]
    public void Next_ManyReadingsRefused_LeavesTheAutomatonUsable()
    {
        ConstraintAutomaton automaton = NewAutomaton(ManyReadings(ConstraintAutomaton.MaxReadings + 10));
        ParserState quoted = automaton.Next(automaton.Start, "\""u8);
        Should.Throw<InvalidRequestException>(() => automaton.Next(quoted, "e"u8));
        automaton.MaskOf(automaton.Next(quoted, "x\""u8)).Contains(FakeTokenizer.End).ShouldBeTrue();
    }

    [Theory]
    [InlineData(11, 1)]
    [InlineData(12, 5)]
    [InlineData(13, 40)]
    public void Next_FewStatesRemembered_FollowsTheSameAnswers(int seed, int maxStates)
    {
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        for (int round = 0; round < 15; round++)
        {
            string schema = new RandomSchema(random).Next();
            if (!Allows(schema))
            {
                continue;
            }

            ConstraintAutomaton roomy = NewAutomaton(schema);
            ConstraintAutomaton tight = NewAutomaton(schema, maxStates);
            (ParserState Roomy, ParserState Tight)[] requests = [.. Enumerable.Repeat((roomy.Start, tight.Start), 3)];
            for (int step = 0; step < 120; step++)
            {
                ref (ParserState Roomy, ParserState Tight) request = ref requests[random.Next(requests.Length)];
                int[] allowed = Allowed(roomy, request.Roomy);
                Allowed(tight, request.Tight).ShouldBe(allowed, $"{schema} step {step}");
                int tokenId = allowed[random.Next(allowed.Length)];
                request = tokenId == FakeTokenizer.End
                    ? (roomy.Start, tight.Start)
                    : (roomy.Next(request.Roomy, [(byte)tokenId]), tight.Next(request.Tight, [(byte)tokenId]));
            }
        }
    }

    [Fact]
    public void Next_ManyAnswers_HoldsBoundedStatesThroughThoseInUse()
    {
        const int seed = 21;
        const int maxStates = 30;
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        ConstraintAutomaton automaton = NewAutomaton("""{"type":"array","items":{"type":"array","items":{"type":"integer","minimum":0,"maximum":100000}}}""", maxStates);
        ParserState[] requests = [.. Enumerable.Repeat(automaton.Start, 4)];
        int most = 0;
        for (int step = 0; step < 3000; step++)
        {
            // The first request waits for a long time while the others go on.
            ref ParserState state = ref requests[step % 700 == 0 ? 0 : 1 + random.Next(3)];
            int[] allowed = Allowed(automaton, state);
            int tokenId = allowed[random.Next(allowed.Length)];
            state = tokenId == FakeTokenizer.End ? automaton.Start : automaton.Next(state, [(byte)tokenId]);
            if (step % 50 == 0)
            {
                automaton.NumStates.ShouldBeLessThanOrEqualTo(maxStates + requests.Length + 1);
                most = Math.Max(most, NumReachable([automaton.Start, .. requests]));
            }
        }

        most.ShouldBeInRange(10, 2 * maxStates);
    }

    private static int NumReachable(IEnumerable<ParserState> states)
    {
        var seen = new HashSet<ParserState>(ReferenceEqualityComparer.Instance);
        var open = new Stack<ParserState>(states);
        while (open.TryPop(out ParserState? state))
        {
            if (!seen.Add(state))
            {
                continue;
            }

            for (int label = 0; label < 256; label++)
            {
                if (state[(byte)label] is { } next)
                {
                    open.Push(next);
                }
            }
        }

        return seen.Count;
    }

    private static int[] Allowed(ConstraintAutomaton automaton, ParserState state) =>
        [.. Enumerable.Range(0, Tokenizer.VocabularySize).Where(automaton.MaskOf(state).Contains)];

    private static bool Allows(string schema)
    {
        try
        {
            NewAutomaton(schema);
            return true;
        }
        catch (InvalidRequestException exception) when (exception.Message.Contains("allows none", StringComparison.Ordinal))
        {
            return false;
        }
    }

    private static ConstraintAutomaton NewAutomaton(string schema, int maxStates = 4096) =>
        new(SchemaCompiler.Compile(schema, followsReasoning: false), Trie, [FakeTokenizer.End], maxStates);

    /// <summary>Behind <c>"e</c> so many readings of two patterns, and one inside a string.</summary>
    private static string ManyReadings(int count)
    {
        int half = count / 2;
        return $$"""
            {"anyOf":[
              {"type":"string","pattern":"^e(?:r{{string.Concat(Enumerable.Repeat("|z", half - 1))}})$"},
              {"type":"string","pattern":"^e(?:r{{string.Concat(Enumerable.Repeat("|z", count - half - 1))}})$"},
              {"type":"string","maxLength":1}]}
            """;
    }
}
