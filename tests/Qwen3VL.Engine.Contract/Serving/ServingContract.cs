using System.Collections.Concurrent;
using Qwen3VL.Engine.Backends;
using Qwen3VL.Engine.Execution;
using Qwen3VL.Engine.Processing;
using Shouldly;
using Xunit;

namespace Qwen3VL.Engine.Contract.Serving;

/// <summary>
/// However a request is scheduled, what comes out is the same: every backend derives from this suite. The reference of each test is the
/// request alone, whole in one step, without sharing. <see cref="MaxDifference"/> is 0 on a backend of 32-bit floats.
/// </summary>
public abstract partial class ServingContract
{
    // The reference of a request is computed once for each derived suite: a test host runs the tests of one class after another.
    private static readonly ConcurrentDictionary<(Type Suite, GenerationRequest Request, double PruningRate), Task<ServedAnswer>> References = new();

    /// <summary>Largest difference of a logit; 0 means bit by bit.</summary>
    protected virtual double MaxDifference => 0;

    protected abstract IBackend CreateBackend();

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(16)]
    [InlineData(17)]
    [InlineData(50)]
    public async Task Prefill_InChunks_EqualsOnePrefill(int tokenBudget)
    {
        GenerationRequest[] requests = tokenBudget < 16 ? [TinyRequests.Line] : [TinyRequests.Paragraph, TinyRequests.Clip, TinyRequests.Text];
        foreach (GenerationRequest request in requests)
        {
            using ServingHarness chunked = New(new ServingSettings { TokenBudget = tokenBudget, MaxSequences = 1 });
            ServedAnswer answer = (await chunked.RunAsync(request))[0];
            ShouldEqual(answer, await AloneAsync(request));
            chunked.Chunks.Count.ShouldBeGreaterThan(answer.Result.OutputTokenIds.Count);
        }
    }

    [Fact]
    public async Task Prefill_ChunkEdgeInsideAnImage_EqualsOnePrefillAndEncodesOnce()
    {
        using ServingHarness chunked = New(new ServingSettings { TokenBudget = 20, MaxSequences = 1 });
        MediaSpan span = chunked.Processor.Process(TinyRequests.Paragraph).Spans[0];
        ServedAnswer answer = (await chunked.RunAsync(TinyRequests.Paragraph))[0];
        chunked.Chunks.ShouldContain(chunk => chunk.FirstToken > span.Offset && chunk.FirstToken < span.Offset + span.Length);
        chunked.Metrics.MediaEncoded.ShouldBe(1);
        ShouldEqual(answer, await AloneAsync(TinyRequests.Paragraph));
    }

    [Fact]
    public async Task Blocks_Scattered_EqualBlocksInOrder()
    {
        using ServingHarness scattered = New(new ServingSettings { ScatterSeed = 7 });
        IReadOnlyList<ServedAnswer> answers = await scattered.RunAsync(TinyRequests.Paragraph, TinyRequests.Clip);
        ShouldEqual(answers[0], await AloneAsync(TinyRequests.Paragraph));
        ShouldEqual(answers[1], await AloneAsync(TinyRequests.Clip));
    }

    [Fact]
    public async Task Batch_WithNeighbours_EqualsAlone()
    {
        GenerationRequest[] requests = [TinyRequests.Line, TinyRequests.Clip, TinyRequests.Text, TinyRequests.Caption, TinyRequests.OtherLine];
        using ServingHarness together = New(new ServingSettings { TokenBudget = 64 });
        IReadOnlyList<ServedAnswer> answers = await together.RunAsync(requests);
        for (int i = 0; i < requests.Length; i++)
        {
            ShouldEqual(answers[i], await AloneAsync(requests[i]));
        }
    }

    [Fact]
    public async Task Preemption_AndRecompute_EqualAlone()
    {
        // Two prompts of 6 and 7 blocks fit 14 blocks; their outputs do not.
        GenerationRequest[] requests = [TinyRequests.Paragraph, TinyRequests.Text];
        using ServingHarness tight = New(new ServingSettings { NumBlocks = 15 });
        IReadOnlyList<ServedAnswer> answers = await tight.RunAsync(requests);
        tight.Metrics.Preemptions.ShouldBeGreaterThan(0);
        for (int i = 0; i < requests.Length; i++)
        {
            ShouldEqual(answers[i], await AloneAsync(requests[i]));
        }
    }

    [Fact]
    public async Task PrefixHit_SamePromptAgain_EqualsWithoutCache()
    {
        foreach (GenerationRequest request in (GenerationRequest[])[TinyRequests.Paragraph, TinyRequests.Clip, TinyRequests.Text])
        {
            using ServingHarness cached = New(new ServingSettings { PrefixCache = true });
            await cached.RunAsync(request);
            ServedAnswer second = (await cached.RunAsync(request))[0];
            second.Result.Usage.CachedTokens.ShouldBeGreaterThan(0);
            ServedAnswer alone = await AloneAsync(request);
            ShouldEqual(second, alone);
        }
    }

    [Fact]
    public async Task PrefixHit_EndingInsideAnImage_EqualsWithoutCache()
    {
        // Few blocks: other content evicts the end of the first prompt, so the hit ends among the image's rows.
        using ServingHarness cached = New(new ServingSettings { PrefixCache = true, NumBlocks = 12 });
        MediaSpan span = cached.Processor.Process(TinyRequests.Paragraph).Spans[0];
        await cached.RunAsync(TinyRequests.Paragraph with { MaxOutputTokens = 1 });
        await cached.RunAsync(TinyRequests.Text with { MaxOutputTokens = 1 });
        ServedAnswer second = (await cached.RunAsync(TinyRequests.Paragraph))[0];
        second.Result.Usage.CachedTokens.ShouldBeInRange(span.Offset + 1, span.Offset + span.Length - 1);
        ShouldEqual(second, await AloneAsync(TinyRequests.Paragraph));
    }

    [Fact]
    public async Task PrefixHit_InsideAnImageWhoseOutputWasEvicted_EncodesItAgainAndEqualsWithoutCache()
    {
        // Encoder room for the first image only, and few blocks: the other image takes the room, and blocks behind the first one's start.
        int rows;
        MediaSpan span;
        using (ServingHarness probe = New(new ServingSettings()))
        {
            span = probe.Processor.Process(TinyRequests.Paragraph).Spans[0];
            rows = span.Length;
        }

        using ServingHarness cached = New(new ServingSettings { PrefixCache = true, NumBlocks = 12, EncoderCacheRows = rows });
        await cached.RunAsync(TinyRequests.Paragraph with { MaxOutputTokens = 1 });
        await cached.RunAsync(TinyRequests.Text with { MaxOutputTokens = 1 });
        await cached.RunAsync(TinyRequests.Line with { MaxOutputTokens = 1 });
        cached.Metrics.MediaEncoded.ShouldBe(2);
        ServedAnswer second = (await cached.RunAsync(TinyRequests.Paragraph))[0];
        second.Result.Usage.CachedTokens.ShouldBeInRange(span.Offset + 1, span.Offset + span.Length - 1);
        cached.Metrics.MediaEncoded.ShouldBe(3);
        ShouldEqual(second, await AloneAsync(TinyRequests.Paragraph));
    }

    [Fact]
    public async Task PrefixHit_SameQuestionOtherImage_NeverSharesTheImage()
    {
        using ServingHarness cached = New(new ServingSettings { PrefixCache = true });
        await cached.RunAsync(TinyRequests.Line);
        MediaSpan span = cached.Processor.Process(TinyRequests.OtherLine).Spans[0];
        ServedAnswer other = (await cached.RunAsync(TinyRequests.OtherLine))[0];
        other.Result.Usage.CachedTokens.ShouldBeLessThanOrEqualTo(span.Offset);
        ShouldEqual(other, await AloneAsync(TinyRequests.OtherLine));
    }

    [Fact]
    public async Task EncoderCache_SameImageOtherQuestion_EncodesOnce()
    {
        using ServingHarness harness = New(new ServingSettings());
        await harness.RunAsync(TinyRequests.Image("caption0.png", "Describe this image."));
        GenerationRequest second = TinyRequests.Image("caption0.png", "Describe this image. Please.");
        ServedAnswer answer = (await harness.RunAsync(second))[0];
        harness.Metrics.MediaEncoded.ShouldBe(1);
        ShouldEqual(answer, await AloneAsync(second));
    }

    [Fact]
    public async Task EncoderCache_TooSmallForAll_StillEqualsAlone()
    {
        GenerationRequest[] requests = [TinyRequests.Paragraph, TinyRequests.Clip, TinyRequests.Caption, TinyRequests.Line];
        using ServingHarness small = New(new ServingSettings { EncoderCacheRows = 20, EncoderRowBudget = 16 });
        IReadOnlyList<ServedAnswer> answers = await small.RunAsync(requests);
        for (int i = 0; i < requests.Length; i++)
        {
            ShouldEqual(answers[i], await AloneAsync(requests[i]));
        }
    }

    [Fact]
    public async Task Sampling_SameSeed_IsIndependentOfTheBatch()
    {
        GenerationRequest sampled = TinyRequests.Caption with { Sampling = new SamplingParameters { Temperature = 5, TopK = 50, Seed = 1234 } };
        GenerationRequest otherSeed = sampled with { Sampling = sampled.Sampling with { Seed = 1235 } };
        using ServingHarness together = New(new ServingSettings { TokenBudget = 48, PrefixCache = true });
        IReadOnlyList<ServedAnswer> answers = await together.RunAsync(TinyRequests.Text, otherSeed, sampled, TinyRequests.Clip);
        ShouldEqual(answers[2], await AloneAsync(sampled));
        answers[1].Result.OutputTokenIds.ShouldNotBe(answers[2].Result.OutputTokenIds);
    }

    [Fact]
    public async Task LogProbabilities_InChunksWithNeighboursAndAfterPreemption_EqualAlone()
    {
        GenerationRequest paragraph = TinyRequests.Paragraph with { PromptLogProbabilities = 3, OutputLogProbabilities = 2 };
        GenerationRequest text = TinyRequests.Text with { PromptLogProbabilities = 0, OutputLogProbabilities = 0 };
        using ServingHarness tight = New(new ServingSettings { NumBlocks = 15, TokenBudget = 50, PrefixCache = true });
        IReadOnlyList<ServedAnswer> answers = await tight.RunAsync(paragraph, text);
        tight.Metrics.Preemptions.ShouldBeGreaterThan(0);
        answers[1].Result.OutputLogProbabilities.Count.ShouldBe(answers[1].Result.OutputTokenIds.Count);
        ShouldEqual(answers[0], await AloneAsync(paragraph));
        ShouldEqual(answers[1], await AloneAsync(text));
    }

    [Fact]
    public async Task PromptLogProbabilities_OfACachedPrompt_AreComputedAndEqualAlone()
    {
        GenerationRequest scored = TinyRequests.Line with { PromptLogProbabilities = 1 };
        using ServingHarness cached = New(new ServingSettings { PrefixCache = true });
        await cached.RunAsync(scored);
        ServedAnswer second = (await cached.RunAsync(scored))[0];
        second.Result.Usage.CachedTokens.ShouldBe(0);
        second.Result.PromptLogProbabilities.Count.ShouldBe(second.Result.Usage.PromptTokens);
        ShouldEqual(second, await AloneAsync(scored));
        (await cached.RunAsync(TinyRequests.Line))[0].Result.Usage.CachedTokens.ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task OutputLogProbabilities_Always_AreThoseOfTheRawLogits()
    {
        GenerationRequest request = TinyRequests.Line with
        {
            OutputLogProbabilities = 1,
            Sampling = new SamplingParameters { Temperature = 2, RepetitionPenalty = 1.3, Seed = 9, LogitBias = new Dictionary<int, double> { [65] = 1 } },
        };
        using ServingHarness harness = New(new ServingSettings());
        ServedAnswer answer = (await harness.RunAsync(request))[0];
        for (int i = 0; i < answer.Logits.Count; i++)
        {
            TokenLogProbability score = answer.Result.OutputLogProbabilities[i];
            double highest = answer.Logits[i].Max();
            double sum = answer.Logits[i].Sum(logit => Math.Exp(logit - highest));
            score.LogProbability.ShouldBe(answer.Logits[i][answer.Result.OutputTokenIds[i]] - highest - Math.Log(sum), 1e-12);
            score.Top[0].LogProbability.ShouldBe(-Math.Log(sum), 1e-12);
        }
    }

    [Fact]
    public async Task Step_Always_LeavesNoTensorButEncoderOutputs()
    {
        using ServingHarness harness = New(new ServingSettings { TokenBudget = 40, EncoderCacheRows = 90 });
        LocalGeneration[] handles = [harness.Add(TinyRequests.Paragraph), harness.Add(TinyRequests.Clip), harness.Add(TinyRequests.Line)];
        while (harness.Core.NumActive > 0)
        {
            harness.Step();
            harness.NumStrayTensors.ShouldBe(0);
        }

        harness.Core.Scheduler.NumFreeBlocks.ShouldBe(new ServingSettings().NumBlocks - 1);
        await Task.WhenAll(handles.Select(handle => handle.Completion));
    }

    [Fact]
    public async Task Abort_InTheMiddleOfAnImage_FreesBlocksAndLeavesNeighboursAlone()
    {
        using ServingHarness harness = New(new ServingSettings { TokenBudget = 30 });
        LocalGeneration aborted = harness.Add(TinyRequests.Paragraph);
        LocalGeneration neighbour = harness.Add(TinyRequests.Line);
        harness.Step();
        harness.Core.Abort(aborted.RequestId);
        harness.Core.Scheduler.CheckInvariants();
        while (harness.Core.NumActive > 0)
        {
            harness.Step();
        }

        (await aborted.Completion).FinishReason.ShouldBe(FinishReason.Aborted);
        ShouldEqual(await harness.AnswerAsync(neighbour), await AloneAsync(TinyRequests.Line));
        harness.Core.Scheduler.NumFreeBlocks.ShouldBe(new ServingSettings().NumBlocks - 1);
        harness.NumStrayTensors.ShouldBe(0);
    }

    private ServingHarness New(ServingSettings settings) => new(CreateBackend(), settings);

    private Task<ServedAnswer> AloneAsync(GenerationRequest request, double pruningRate = 0) =>
        References.GetOrAdd((GetType(), request, pruningRate), _ => RunAloneAsync(request, pruningRate));

    private async Task<ServedAnswer> RunAloneAsync(GenerationRequest request, double pruningRate)
    {
        using ServingHarness alone = New(new ServingSettings { MaxSequences = 1, VideoPruningRate = pruningRate });
        return (await alone.RunAsync(request))[0];
    }

    private void ShouldEqual(ServedAnswer actual, ServedAnswer expected)
    {
        actual.Result.OutputTokenIds.ShouldBe(expected.Result.OutputTokenIds);
        actual.Result.Text.ShouldBe(expected.Result.Text);
        ShouldEqual(actual.Result.OutputLogProbabilities, expected.Result.OutputLogProbabilities);
        ShouldEqual(actual.Result.PromptLogProbabilities, expected.Result.PromptLogProbabilities);
        for (int token = 0; token < expected.Logits.Count; token++)
        {
            for (int id = 0; id < expected.Logits[token].Length; id++)
            {
                float difference = Math.Abs(actual.Logits[token][id] - expected.Logits[token][id]);
                if (!(difference <= MaxDifference))
                {
                    throw new ShouldAssertException($"logits must differ by at most {MaxDifference}; got {difference} at output token {token}, id {id}");
                }
            }
        }
    }

    private void ShouldEqual(IReadOnlyList<TokenLogProbability?> actual, IReadOnlyList<TokenLogProbability?> expected)
    {
        actual.Count.ShouldBe(expected.Count);
        for (int i = 0; i < actual.Count; i++)
        {
            double[] left = ValuesOf(actual[i]);
            double[] right = ValuesOf(expected[i]);
            left.Length.ShouldBe(right.Length, $"entry {i}");
            double largest = left.Zip(right, (a, b) => Math.Abs(a - b)).DefaultIfEmpty().Max();
            (largest <= MaxDifference).ShouldBeTrue($"log-probabilities must differ by at most {MaxDifference}; got {largest} at entry {i}");
        }

        static double[] ValuesOf(TokenLogProbability? entry) => entry is null ? [] : [entry.LogProbability, .. entry.Top.Select(other => other.LogProbability)];
    }
}
