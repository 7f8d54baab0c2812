using System.Security.Cryptography;
using Qwen3VL.Engine.Caching;
using Qwen3VL.Engine.Cpu;
using Qwen3VL.Engine.Diagnostics;
using Qwen3VL.Engine.Execution;
using Qwen3VL.Engine.Models;
using Qwen3VL.Engine.Processing;
using Qwen3VL.Engine.Sampling;
using Qwen3VL.Engine.Scheduling;
using Qwen3VL.Engine.Tests.Models;
using Shouldly;
using Xunit;

namespace Qwen3VL.Engine.Tests.Execution;

/// <summary>Log-probabilities of the reference through scheduler, runner and core: prompts in chunks, placeholders included.</summary>
public sealed class LogProbabilityGoldenTests
{
    // The reference ran in 32-bit floats too; the two sum in different orders.
    private const double Absolute = 1e-4;

    [Theory]
    [InlineData("dense-tied", "text", 64)]
    [InlineData("dense-tied", "mixed", 20)]
    [InlineData("dense-tied", "images", 64)]
    [InlineData("dense-untied-wide", "mixed", 64)]
    [InlineData("dense-untied-wide", "video", 17)]
    public async Task Complete_GoldenCase_HasTheReferenceLogProbabilities(string model, string name, int tokenBudget)
    {
        GoldenCase golden = GoldenCase.Read(model, name);
        GenerationResult result = await RunAsync(golden, tokenBudget);
        result.OutputTokenIds.ShouldBe(golden.Greedy);
        Closeness.ShouldBeClose([.. result.OutputLogProbabilities.Select(entry => (float)entry.LogProbability)], golden.Floats("greedy_logprobs"), Absolute, "greedy");
        result.OutputLogProbabilities.Select(entry => entry.TokenId).ShouldBe(golden.Greedy);

        IReadOnlyList<TokenLogProbability?> prompt = result.PromptLogProbabilities;
        prompt.Count.ShouldBe(golden.InputIds.Length);
        prompt[0].ShouldBeNull();
        TokenLogProbability[] scored = [.. prompt.OfType<TokenLogProbability>()];
        scored.Select(entry => entry.TokenId).ShouldBe(golden.InputIds.Skip(1));
        Closeness.ShouldBeClose([.. scored.Select(entry => (float)entry.LogProbability)], golden.Floats("prompt_logprobs"), Absolute, "prompt");

        // The last of the reference's rows stands behind the prompt: it is the first output token's.
        TokenLogProbability[] places = [.. scored, result.OutputLogProbabilities[0]];
        places.SelectMany(entry => entry.Top).Select(entry => entry.TokenId).ShouldBe(golden.Integers("top3_ids"));
        Closeness.ShouldBeClose(
            [.. places.SelectMany(entry => entry.Top).Select(entry => (float)entry.LogProbability)], golden.Floats("top3_logprobs"), Absolute, "top 3");
    }

    private static async Task<GenerationResult> RunAsync(GoldenCase golden, int tokenBudget)
    {
        int vocabularySize = golden.Config.Text.VocabularySize;
        var limits = new SchedulerLimits(tokenBudget, 1024, 1);
        using var backend = new CpuBackend(new CpuBackendOptions { Threads = 2 });
        using var core = new EngineCore(
            new Scheduler(limits, new KvCacheManager(new BlockPool(100), true), new EncoderCache(1024)),
            new ModelRunner(Qwen3VLModel.Load(golden.Folder, golden.Config, backend, default), 100, limits),
            new Sampler(vocabularySize, vocabularySize),
            TimeProvider.System,
            new EngineMetrics(),
            NoEngineLog.Instance);
        ProcessedPrompt prompt = PromptOf(golden);
        var handle = new LocalGeneration(1, golden.Greedy.Length + 1, _ => { });
        core.Add(new ActiveGeneration(
            new SequenceState(1, prompt, golden.Greedy.Length, BlockHash.Root("test")) { PromptScores = new PromptScores(prompt.TokenIds, 3) },
            new TokenChoice { Sampling = SamplingParameters.Greedy, OutputLogProbabilities = 3 },
            [],
            new FakeTokenizer(),
            new StopRules([], false, -1, -1),
            handle,
            () => { }));
        while (core.NumActive > 0)
        {
            core.Step();
        }

        return await handle.Completion;
    }

    private static ProcessedPrompt PromptOf(GoldenCase golden)
    {
        (IReadOnlyList<MediaSpan> spans, IReadOnlyList<ProcessedMedia> media) = golden.Spans();
        return new ProcessedPrompt(
            golden.InputIds,
            golden.Integers("position_ids"),
            golden.RopeDelta,
            spans,
            [.. media.Select(item => item with { ContentHash = SHA256.HashData(item.Patches.Span) })]);
    }
}
