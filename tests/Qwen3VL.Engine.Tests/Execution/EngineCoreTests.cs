using System.Text;
using Qwen3VL.Engine.Caching;
using Qwen3VL.Engine.Constraints;
using Qwen3VL.Engine.Diagnostics;
using Qwen3VL.Engine.Execution;
using Qwen3VL.Engine.Processing;
using Qwen3VL.Engine.Sampling;
using Qwen3VL.Engine.Scheduling;
using Qwen3VL.Engine.Tests.Checkpoints;
using Qwen3VL.Engine.Tests.Scheduling;
using Shouldly;
using Xunit;

namespace Qwen3VL.Engine.Tests.Execution;

public sealed class EngineCoreTests
{
    private readonly EngineMetrics _metrics = new();
    private readonly RecordingEngineLog _log = new();
    private long _nextId;
    private int _numLeft;

    [Fact]
    public async Task Step_EndToken_StopsAndKeepsItOutOfTheText()
    {
        using EngineCore core = NewCore(Script("Hi", FakeTokenizer.End));
        LocalGeneration handle = Add(core, PromptBuilder.Text(5));
        RunAll(core);
        GenerationResult result = await handle.Completion;
        result.Text.ShouldBe("Hi");
        result.FinishReason.ShouldBe(FinishReason.Stop);
        result.OutputTokenIds.ShouldBe(['H', 'i', FakeTokenizer.End]);
        result.Usage.PromptTokens.ShouldBe(5);
        result.Usage.OutputTokens.ShouldBe(3);
        _numLeft.ShouldBe(1);
    }

    [Fact]
    public async Task Step_OutputLimit_EndsWithLength()
    {
        using EngineCore core = NewCore(Script("endless text"));
        LocalGeneration handle = Add(core, PromptBuilder.Text(5), maxOutput: 4);
        RunAll(core);
        GenerationResult result = await handle.Completion;
        result.Text.ShouldBe("endl");
        result.FinishReason.ShouldBe(FinishReason.Length);
    }

    [Fact]
    public async Task Step_StopString_EndsBeforeIt()
    {
        using EngineCore core = NewCore(Script("one two three"));
        LocalGeneration handle = Add(core, PromptBuilder.Text(5), stopStrings: [" t"]);
        RunAll(core);
        GenerationResult result = await handle.Completion;
        result.Text.ShouldBe("one");
        result.FinishReason.ShouldBe(FinishReason.Stop);
        (await ReadAsync(handle)).ShouldBe("one");
    }

    [Fact]
    public async Task ReadTextAsync_CharacterOfSeveralTokens_ArrivesWhole()
    {
        using EngineCore core = NewCore(Script("aé€😀z", FakeTokenizer.End));
        LocalGeneration handle = Add(core, PromptBuilder.Text(5));
        RunAll(core);
        var pieces = new List<string>();
        await foreach (string piece in handle.ReadTextAsync(default))
        {
            pieces.Add(piece);
        }

        pieces.ShouldBe(["a", "é", "€", "😀", "z"]);
    }

    [Fact]
    public async Task Step_CutInsideACharacter_EndsWithTheReplacementCharacter()
    {
        using EngineCore core = NewCore(Script("a€"));
        LocalGeneration handle = Add(core, PromptBuilder.Text(5), maxOutput: 2);
        RunAll(core);
        (await handle.Completion).Text.ShouldBe("a\uFFFD");
        (await ReadAsync(handle)).ShouldBe("a\uFFFD");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Step_ThinkingCheckpoint_SplitsReasoningAndStreamsTheAnswerOnly(bool tagsAreSpecial)
    {
        int[] script = [.. Encoding.UTF8.GetBytes("Let me see.\n").Select(b => (int)b), 0xE2, FakeTokenizer.CloseReasoning, '\n', '\n', 'O', 'k', FakeTokenizer.End];
        using EngineCore core = NewCore(sequence => script[sequence.NumOutputTokens]);
        LocalGeneration handle = Add(core, PromptBuilder.Text(5), maxOutput: 50, tokenizer: new FakeTokenizer(tagsAreSpecial), thinking: true);
        RunAll(core);
        GenerationResult result = await handle.Completion;
        result.Reasoning.ShouldBe("Let me see.\n\uFFFD");
        result.Text.ShouldBe("Ok");
        (await ReadAsync(handle)).ShouldBe("Ok");
    }

    [Fact]
    public async Task ReadPiecesAsync_LogProbabilitiesAsked_CarriesThoseOfTheResult()
    {
        using EngineCore core = NewCore(Script("a€b", FakeTokenizer.End));
        LocalGeneration handle = Add(core, PromptBuilder.Text(5), numTop: 2);
        RunAll(core);
        GenerationResult result = await handle.Completion;
        var pieces = new List<GenerationPiece>();
        await foreach (GenerationPiece piece in handle.ReadPiecesAsync(default))
        {
            pieces.Add(piece);
        }

        string.Concat(pieces.Select(piece => piece.Text)).ShouldBe("a€b");
        pieces.SelectMany(piece => piece.LogProbabilities).ShouldBe(result.OutputLogProbabilities);
        result.OutputLogProbabilities.Select(entry => entry.TokenId).ShouldBe(result.OutputTokenIds);
        result.OutputLogProbabilities.ShouldAllBe(entry => entry.Top.Count == 2 && entry.Top[0].LogProbability == entry.LogProbability);
        Should.Throw<InvalidOperationException>(() => handle.ReadTextAsync(default));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Step_ConstraintOnAThinkingCheckpoint_HoldsBehindTheReasoningOnly(bool tagsAreSpecial)
    {
        // The model would end its turn in the reasoning and write something else behind it.
        int[] script = ['s', 'o', FakeTokenizer.End, FakeTokenizer.CloseReasoning, '\n', '\n', 'x', 'x', 'x', 'x'];
        using EngineCore core = NewCore(sequence => script[sequence.NumOutputTokens]);
        LocalGeneration handle = Add(
            core, PromptBuilder.Text(5), tokenizer: new FakeTokenizer(tagsAreSpecial), thinking: true, schema: """{"enum":[70,71]}""");
        RunAll(core);
        GenerationResult result = await handle.Completion;
        result.FinishReason.ShouldBe(FinishReason.Stop);
        result.Reasoning.ShouldBe("so\0");
        result.Text.ShouldBe("70");
        result.OutputTokenIds[^1].ShouldBe(FakeTokenizer.End);
    }

    [Fact]
    public async Task Step_ConstraintAtTheOutputLimit_EndsWithLengthWhereItStands()
    {
        using EngineCore core = NewCore(Script("[1,1,1,1,1,1"));
        LocalGeneration handle = Add(core, PromptBuilder.Text(5), maxOutput: 6, schema: """{"type":"array"}""");
        RunAll(core);
        GenerationResult result = await handle.Completion;
        result.FinishReason.ShouldBe(FinishReason.Length);
        result.Text.ShouldBe("[1,1,1");
    }

    [Fact]
    public async Task Step_ConstraintAfterPreemption_GoesOnWhereItStood()
    {
        // Five sequences of 60 tokens and more do not fit 20 blocks together.
        using EngineCore core = NewCore(HashOfKnownTokens, numBlocks: 20);
        const string schema = """{"type":"string","minLength":56,"maxLength":56,"pattern":"^[a-z]+$"}""";
        LocalGeneration[] handles = [.. Enumerable.Range(0, 5).Select(i => Add(core, PromptBuilder.Text(25 + i, 50 * i), maxOutput: 60, schema: schema))];
        RunAll(core);
        _metrics.Preemptions.ShouldBeGreaterThan(0);
        foreach (GenerationResult result in await Task.WhenAll(handles.Select(handle => handle.Completion)))
        {
            result.FinishReason.ShouldBe(FinishReason.Stop);
            result.Text.Length.ShouldBe(58);
            result.Text[1..^1].ShouldAllBe(letter => char.IsAsciiLetterLower(letter));
        }
    }

    [Fact]
    public async Task ReadTextAsync_SecondReader_Throws()
    {
        using EngineCore core = NewCore(Script("x", FakeTokenizer.End));
        LocalGeneration handle = Add(core, PromptBuilder.Text(5));
        RunAll(core);
        await ReadAsync(handle);
        Should.Throw<InvalidOperationException>(() => handle.ReadTextAsync(default));
    }

    [Fact]
    public async Task Abort_InTheMiddle_FreesEverythingAndKeepsTheTextSoFar()
    {
        using EngineCore core = NewCore(Script("endless text"));
        LocalGeneration handle = Add(core, new PromptBuilder().AddText(20).AddImage(30, 1).AddText(2).Build(), maxOutput: 12);

        // The prompt takes two steps of 32 tokens; the second gives the first token.
        core.Step();
        core.Step();
        core.Step();
        core.Abort(handle.RequestId);
        core.Abort(handle.RequestId);
        core.Scheduler.CheckInvariants();
        core.NumActive.ShouldBe(0);
        core.Scheduler.NumFreeBlocks.ShouldBe(99);
        GenerationResult result = await handle.Completion;
        result.FinishReason.ShouldBe(FinishReason.Aborted);
        result.Text.ShouldBe("en");
    }

    [Fact]
    public async Task Abort_BeforeAdmission_LeavesTheQueueWithoutUsage()
    {
        using EngineCore core = NewCore(Script("x", FakeTokenizer.End));
        LocalGeneration handle = Add(core, PromptBuilder.Text(5));
        core.Abort(handle.RequestId);
        GenerationResult result = await handle.Completion;
        result.Usage.EngineTime.ShouldBe(TimeSpan.Zero);
        result.Usage.CachedTokens.ShouldBe(0);
        _numLeft.ShouldBe(1);
    }

    [Fact]
    public async Task Usage_RepeatedPromptWithImage_CountsCachedAndImageTokens()
    {
        using EngineCore core = NewCore(Script("x", FakeTokenizer.End));
        ProcessedPrompt prompt = new PromptBuilder().AddText(20).AddImage(30, 1).AddText(2).Build();
        LocalGeneration first = Add(core, prompt);
        RunAll(core);
        LocalGeneration second = Add(core, prompt);
        RunAll(core);
        GenerationUsage usage = (await first.Completion).Usage;
        usage.CachedTokens.ShouldBe(0);
        usage.ImageTokens.ShouldBe(30);
        (await second.Completion).Usage.CachedTokens.ShouldBe(48);
        _metrics.CachedTokens.ShouldBe(48);
        _metrics.PromptTokens.ShouldBe(104);
        _metrics.OutputTokens.ShouldBe(4);
        _metrics.MediaEncoded.ShouldBe(1);
    }

    [Fact]
    public async Task Step_PoolTooSmallForAll_PreemptsAndGivesTheSameOutputs()
    {
        string[] roomy = await RunManyAsync(numBlocks: 200);
        string[] tight = await RunManyAsync(numBlocks: 12);
        _metrics.Preemptions.ShouldBeGreaterThan(0);
        tight.ShouldBe(roomy);
    }

    [Fact]
    public async Task Step_MediaWithoutRoomOnTheDevice_FailsItsHoldersOnlyAndGivesAllBack()
    {
        var runner = new ScriptedRunner(Script("ok", FakeTokenizer.End)) { OnRun = RefuseLarge };
        using EngineCore core = NewCore(runner);
        LocalGeneration neighbour = Add(core, new PromptBuilder().AddText(4).AddImage(8, 1).AddText(2).Build());
        LocalGeneration large = Add(core, new PromptBuilder().AddText(2).AddImage(40, 2).AddText(2).Build());
        LocalGeneration later = Add(core, new PromptBuilder().AddText(2).AddImage(40, 2).AddText(7).Build());
        RunAll(core);
        InvalidRequestException refusal = await Should.ThrowAsync<InvalidRequestException>(large.Completion);
        refusal.Message.ShouldContain("40 rows");
        refusal.IsTooLarge.ShouldBeTrue();
        await Should.ThrowAsync<InvalidRequestException>(later.Completion);
        (await neighbour.Completion).Text.ShouldBe("ok");
        core.Scheduler.NumFreeBlocks.ShouldBe(99);
        _numLeft.ShouldBe(3);
        _metrics.MediaEncoded.ShouldBe(1);

        static void RefuseLarge(SchedulerOutput scheduled)
        {
            ScheduledMedia[] failed = [.. scheduled.MediaToEncode.Where(media => media.Sequence.Media[media.MediaIndex].NumRows == 40)];
            if (failed.Length > 0)
            {
                throw new MediaMemoryException(failed, new InsufficientMemoryException());
            }
        }
    }

    [Fact]
    public async Task Step_ConstraintTooAmbiguousInTheMiddle_FailsItsRequestOnly()
    {
        string alternatives = string.Concat(Enumerable.Repeat("|z", 600));
        string pattern = $$"""{"type":"string","pattern":"^e(?:r{{alternatives}})$"}""";
        using EngineCore core = NewCore(Script("\"er\"", FakeTokenizer.End));
        LocalGeneration neighbour = Add(core, PromptBuilder.Text(4));
        LocalGeneration ambiguous = Add(core, PromptBuilder.Text(5), schema: $$"""{"anyOf":[{{pattern}},{{pattern}},{"type":"string","maxLength":1}]}""");
        RunAll(core);
        (await Should.ThrowAsync<InvalidRequestException>(ambiguous.Completion)).Message.ShouldContain("readings of a text");
        (await neighbour.Completion).Text.ShouldBe("\"er\"");
        _log.FailedRequests.ShouldBe([ambiguous.RequestId]);
        core.Scheduler.NumFreeBlocks.ShouldBe(99);
        _numLeft.ShouldBe(2);
    }

    private async Task<string[]> RunManyAsync(int numBlocks)
    {
        using EngineCore core = NewCore(HashOfKnownTokens, numBlocks: numBlocks);
        LocalGeneration[] handles = [.. Enumerable.Range(0, 5).Select(i => Add(core, PromptBuilder.Text(25 + i, 50 * i), maxOutput: 60, seed: (ulong)i))];
        RunAll(core);
        core.Scheduler.NumFreeBlocks.ShouldBe(numBlocks - 1);
        GenerationResult[] results = await Task.WhenAll(handles.Select(handle => handle.Completion));
        return [.. results.Select(result => string.Join(',', result.OutputTokenIds))];
    }

    private static int HashOfKnownTokens(SequenceState sequence)
    {
        uint hash = 17;
        foreach (int tokenId in sequence.KnownTokenIds)
        {
            hash = (hash * 31) + (uint)tokenId;
        }

        return (int)(hash % 250);
    }

    private static Func<SequenceState, int> Script(string text, params int[] end)
    {
        int[] script = [.. Encoding.UTF8.GetBytes(text).Select(value => (int)value), .. end];
        return sequence => script[sequence.NumOutputTokens];
    }

    private static async Task<string> ReadAsync(LocalGeneration handle)
    {
        var text = new StringBuilder();
        await foreach (string piece in handle.ReadTextAsync(default))
        {
            text.Append(piece);
        }

        return text.ToString();
    }

    private static void RunAll(EngineCore core)
    {
        while (core.NumActive > 0)
        {
            core.Step();
            core.Scheduler.CheckInvariants();
        }
    }

    private EngineCore NewCore(Func<SequenceState, int> next, int numBlocks = 100) => NewCore(new ScriptedRunner(next), numBlocks);

    private EngineCore NewCore(ScriptedRunner runner, int numBlocks = 100) => new(
        new Scheduler(new SchedulerLimits(32, 100, 8), new KvCacheManager(new BlockPool(numBlocks), true), new EncoderCache(100)),
        runner,
        new Sampler(259, 259),
        TimeProvider.System,
        _metrics,
        _log);

    private LocalGeneration Add(
        EngineCore core, ProcessedPrompt prompt, int maxOutput = 20, string[]? stopStrings = null, bool thinking = false, ulong seed = 0, FakeTokenizer? tokenizer = null,
        int? numTop = null, string? schema = null)
    {
        var handle = new LocalGeneration(++_nextId, maxOutput + 1, _ => { });
        var rules = new StopRules([FakeTokenizer.End], thinking, FakeTokenizer.OpenReasoning, FakeTokenizer.CloseReasoning);
        tokenizer ??= new FakeTokenizer();
        core.Add(new ActiveGeneration(
            new SequenceState(handle.RequestId, prompt, maxOutput, BlockHash.Root("test")),
            new TokenChoice
            {
                Sampling = new SamplingParameters { Seed = seed },
                OutputLogProbabilities = numTop,
                Constraint = schema is null ? null : new AnswerConstraint(NewAutomaton(), tokenizer, rules.EosTokenIds),
            },
            stopStrings ?? [],
            tokenizer,
            rules,
            handle,
            () => _numLeft++));
        return handle;

        ConstraintAutomaton NewAutomaton() => new(SchemaCompiler.Compile(schema, thinking), new TokenTrie(tokenizer), rules.EosTokenIds);
    }
}
