using Qwen3VL.Engine.Processing;
using Shouldly;
using Xunit;

namespace Qwen3VL.Engine.Contract.Serving;

/// <content>The same equalities when clips are pruned: which tokens stand in a clip's range is known only once it is encoded.</content>
public abstract partial class ServingContract
{
    private const double Pruned = 0.5;

    [Theory]
    [InlineData(3)]
    [InlineData(16)]
    [InlineData(29)]
    public async Task PrunedClip_PrefilledInChunks_EqualsOnePrefillAndEncodesOnce(int tokenBudget)
    {
        using ServingHarness chunked = New(new ServingSettings { TokenBudget = tokenBudget, MaxSequences = 1, VideoPruningRate = Pruned });
        MediaSpan range = chunked.Processor.Process(TinyRequests.Clip).Spans.ShouldHaveSingleItem();
        ServedAnswer answer = (await chunked.RunAsync(TinyRequests.Clip))[0];
        chunked.Chunks.Count(chunk => chunk.FirstToken > range.Offset && chunk.FirstToken < range.Offset + range.Length).ShouldBeGreaterThan(1);
        chunked.Metrics.MediaEncoded.ShouldBe(1);
        ShouldEqual(answer, await AloneAsync(TinyRequests.Clip, Pruned));
    }

    [Fact]
    public async Task PrunedClip_WithNeighboursThatShareIt_EncodesOnceAndEqualsAlone()
    {
        GenerationRequest[] requests = [TinyRequests.Clip, TinyRequests.SlowerClip, TinyRequests.Line, TinyRequests.ImageAndClip];
        using ServingHarness together = New(new ServingSettings { TokenBudget = 64, ScatterSeed = 5, VideoPruningRate = Pruned });
        IReadOnlyList<ServedAnswer> answers = await together.RunAsync(requests);
        together.Metrics.MediaEncoded.ShouldBe(2);
        for (int i = 0; i < requests.Length; i++)
        {
            ShouldEqual(answers[i], await AloneAsync(requests[i], Pruned));
        }
    }

    [Fact]
    public async Task PrunedClip_PreemptedAndRecomputedWithoutEncoderRoom_EqualsAlone()
    {
        GenerationRequest[] requests = [TinyRequests.Text, TinyRequests.ImageAndClip];
        using ServingHarness tight = New(new ServingSettings { NumBlocks = 16, TokenBudget = 40, EncoderCacheRows = 20, EncoderRowBudget = 16, VideoPruningRate = Pruned });
        IReadOnlyList<ServedAnswer> answers = await tight.RunAsync(requests);
        tight.Metrics.Preemptions.ShouldBeGreaterThan(0);
        tight.Metrics.MediaEncoded.ShouldBeGreaterThan(2);
        for (int i = 0; i < requests.Length; i++)
        {
            ShouldEqual(answers[i], await AloneAsync(requests[i], Pruned));
        }
    }

    [Fact]
    public async Task PrunedClip_PrefixHitBehindIt_NeedsNoEncoderAndEqualsWithoutCache()
    {
        using ServingHarness cached = New(new ServingSettings { PrefixCache = true, VideoPruningRate = Pruned });
        MediaSpan range = cached.Processor.Process(TinyRequests.Clip).Spans[0];
        int room = cached.Processor.Process(TinyRequests.Clip).TokenIds.Length;
        ServedAnswer first = (await cached.RunAsync(TinyRequests.Clip))[0];

        // The whole first conversation and more text: the hit ends behind the range.
        GenerationRequest again = TinyRequests.Clip with
        {
            Messages = [.. TinyRequests.Clip.Messages, new ChatMessage(ChatRole.Assistant, [new TextPart(first.Result.Text)]), ChatMessage.User(new TextPart("Say it again, please, in other words."))],
        };
        ServedAnswer second = (await cached.RunAsync(again))[0];
        second.Result.Usage.CachedTokens.ShouldBeGreaterThanOrEqualTo(range.Offset + range.Length);
        second.Result.Usage.PromptTokens.ShouldBeGreaterThan(room);
        cached.Metrics.MediaEncoded.ShouldBe(1);
        ShouldEqual(second, await AloneAsync(again, Pruned));
    }

    [Fact]
    public async Task PrunedClip_PrefixHitInsideItsRangeAfterEviction_EncodesAgainAndEqualsWithoutCache()
    {
        using ServingHarness cached = New(new ServingSettings { PrefixCache = true, NumBlocks = 12, EncoderCacheRows = 1, VideoPruningRate = Pruned });
        MediaSpan range = cached.Processor.Process(TinyRequests.Clip).Spans[0];
        await cached.RunAsync(TinyRequests.Clip with { MaxOutputTokens = 1 });
        await cached.RunAsync(TinyRequests.Paragraph with { MaxOutputTokens = 1 });
        ServedAnswer second = (await cached.RunAsync(TinyRequests.Clip))[0];
        second.Result.Usage.CachedTokens.ShouldBeInRange(range.Offset + 1, range.Offset + range.Length - 1);
        cached.Metrics.MediaEncoded.ShouldBe(3);
        ShouldEqual(second, await AloneAsync(TinyRequests.Clip, Pruned));
    }

    [Fact]
    public async Task PrunedClip_SameFramesAtOtherTimes_NeverSharesItsRange()
    {
        // The provisional ids of both agree up to the second time text; the final ones need not.
        using ServingHarness cached = New(new ServingSettings { PrefixCache = true, VideoPruningRate = Pruned });
        MediaSpan range = cached.Processor.Process(TinyRequests.Clip).Spans[0];
        await cached.RunAsync(TinyRequests.Clip);
        ServedAnswer slower = (await cached.RunAsync(TinyRequests.SlowerClip))[0];
        slower.Result.Usage.CachedTokens.ShouldBeLessThanOrEqualTo(range.Offset);
        ShouldEqual(slower, await AloneAsync(TinyRequests.SlowerClip, Pruned));
    }

    [Fact]
    public async Task PrunedClip_Usage_CountsWhatStays()
    {
        using ServingHarness whole = New(new ServingSettings { MaxSequences = 1 });
        using ServingHarness pruned = New(new ServingSettings { MaxSequences = 1, VideoPruningRate = Pruned });
        ProcessedPrompt full = whole.Processor.Process(TinyRequests.ImageAndClip);
        GenerationUsage usage = (await pruned.RunAsync(TinyRequests.ImageAndClip with { MaxOutputTokens = 1 }))[0].Result.Usage;
        int image = full.Media[0].Grid.NumRows;
        int clip = full.Media[1].Grid.NumRows;
        usage.ImageTokens.ShouldBe(image + (clip / 2));
        usage.PromptTokens.ShouldBe(full.TokenIds.Length - clip + (clip / 2));
        pruned.Processor.Measure(TinyRequests.ImageAndClip).Rows.ShouldBe(usage.ImageTokens);
    }

    [Fact]
    public async Task PrunedClip_PromptLogProbabilities_AreOfTheFinalTokensWhateverTheChunks()
    {
        GenerationRequest request = TinyRequests.Clip with { PromptLogProbabilities = 0, MaxOutputTokens = 1 };
        using ServingHarness whole = New(new ServingSettings { MaxSequences = 1, VideoPruningRate = Pruned });
        using ServingHarness chunked = New(new ServingSettings { MaxSequences = 1, TokenBudget = 16, VideoPruningRate = Pruned });
        int[] provisional = whole.Processor.Process(request).TokenIds[1..];
        TokenLogProbability[] inOne = Scored((await whole.RunAsync(request))[0]);
        TokenLogProbability[] inChunks = Scored((await chunked.RunAsync(request))[0]);
        inOne.Select(score => score.TokenId).ShouldBe(provisional, ignoreOrder: true);
        inOne.Select(score => score.TokenId).ShouldNotBe(provisional);
        inChunks.Select(score => (score.TokenId, score.LogProbability)).ShouldBe(inOne.Select(score => (score.TokenId, score.LogProbability)));

        static TokenLogProbability[] Scored(ServedAnswer answer) => [.. answer.Result.PromptLogProbabilities.Skip(1).OfType<TokenLogProbability>()];
    }

    [Fact]
    public async Task PrunedClip_ThatLosesNothing_EqualsAnEngineThatDoesNotPrune()
    {
        // A rate that leaves every row: the prompt, its spans and its keys are those of an engine that does not prune.
        const double Nothing = 1e-9;
        using ServingHarness harness = New(new ServingSettings { MaxSequences = 1, VideoPruningRate = Nothing });
        VideoClip onePair = new([.. TinyRequests.ClipOf("vsum0", 2).Frames.Take(2)], [0, 0.5]);
        GenerationRequest request = TinyRequests.Ask("Summarize this video.", new VideoPart(onePair)) with { MaxOutputTokens = 4 };
        ServedAnswer answer = (await harness.RunAsync(request))[0];
        ShouldEqual(answer, await AloneAsync(request));
    }
}
