using Qwen3VL.Conformance.Checks;
using Qwen3VL.Engine;
using Qwen3VL.Engine.Caching;
using Qwen3VL.Engine.Diagnostics;
using Qwen3VL.Engine.Execution;
using Qwen3VL.Engine.Models;
using Qwen3VL.Engine.Processing;
using Qwen3VL.Engine.Sampling;
using Qwen3VL.Engine.Scheduling;
using Qwen3VL.TestKit.Cases;

namespace Qwen3VL.Conformance.Models;

/// <summary>
/// Runs a case through the serving core (scheduler, caches, runner, sampler) as requests do: small steps that cut the prompt and its media,
/// two requests beside each other, and a third that finds the prefix cached. Each must give the reference's greedy tokens, or is made to
/// give one token where the reference has none, for the log-probabilities of the prompt.
/// </summary>
internal static class ServingCheck
{
    private const int StepTokens = 23;
    private const int MaxSequences = 2;

    /// <summary>Compares the greedy tokens of every request.</summary>
    public static void Run(CaseCheck check, LoadedModel loaded, GoldenCase golden, ProcessedPrompt prompt)
    {
        int blocks = (golden.InputIds.Length + NumOutputs(golden)) / KvBlock.Tokens + 1;
        int encoderRows = Math.Max(1, prompt.Media.Sum(media => media.Grid.NumRows));
        var limits = new SchedulerLimits(StepTokens, encoderRows, MaxSequences);
        int numBlocks = (MaxSequences * blocks) + 2;

        // The runner owns its model, so this is another one, on the same backend.
        Qwen3VLModel model = Qwen3VLModel.Load(golden.Folder, golden.Config, loaded.Backend, CancellationToken.None);
        using var core = new EngineCore(
            new Scheduler(limits, new KvCacheManager(new BlockPool(numBlocks), true), new EncoderCache(encoderRows)),
            new ModelRunner(model, numBlocks, limits),
            new Sampler(golden.Config.Text.VocabularySize, golden.Config.Text.VocabularySize),
            TimeProvider.System,
            new EngineMetrics(),
            NoEngineLog.Instance);
        LocalGeneration first = Add(core, prompt, golden, 1, isScored: true);
        LocalGeneration second = Add(core, prompt, golden, 2, isScored: false);
        RunToEnd(core);
        LocalGeneration third = Add(core, prompt, golden, 3, isScored: false);
        RunToEnd(core);
        Compare(check, golden, first, "greedy of the first request");
        CompareScores(check, golden, first);
        Compare(check, golden, second, "greedy of the second request");
        Compare(check, golden, third, "greedy with a cached prefix");
    }

    private static LocalGeneration Add(EngineCore core, ProcessedPrompt prompt, GoldenCase golden, long id, bool isScored)
    {
        var handle = new LocalGeneration(id, NumOutputs(golden) + 1, _ => { });
        var sequence = new SequenceState(id, prompt, NumOutputs(golden), BlockHash.Root("conformance"))
        {
            PromptScores = isScored ? new PromptScores(prompt.TokenIds, 0) : null,
        };
        var choice = new TokenChoice { Sampling = SamplingParameters.Greedy, OutputLogProbabilities = isScored ? 0 : null };
        var rules = new StopRules([], false, -1, -1);
        core.Add(new ActiveGeneration(sequence, choice, [], SilentTokenizer.Instance, rules, handle, () => { }));
        return handle;
    }

    private static void RunToEnd(EngineCore core)
    {
        while (core.NumActive > 0)
        {
            core.Step();
            core.Scheduler.CheckInvariants();
        }
    }

    private static void Compare(CaseCheck check, GoldenCase golden, LocalGeneration handle, string what)
    {
        // Completed by the last step, on this thread.
        GenerationResult result = handle.Completion.GetAwaiter().GetResult();
        if (golden.Greedy.Length > 0)
        {
            check.EqualIntegers(what, [.. result.OutputTokenIds], golden.Greedy);
        }
    }

    /// <summary>The log-probabilities that a caller of the engine gets.</summary>
    private static void CompareScores(CaseCheck check, GoldenCase golden, LocalGeneration handle)
    {
        GenerationResult result = handle.Completion.GetAwaiter().GetResult();
        Close("greedy_logprobs", result.OutputLogProbabilities);
        Close("prompt_logprobs", result.PromptLogProbabilities);

        void Close(string name, IEnumerable<TokenLogProbability?> actual)
        {
            if (golden.FloatsOrNull(name) is { } expected)
            {
                check.Close(
                    $"reported {name}", [.. actual.OfType<TokenLogProbability>().Select(entry => (float)entry.LogProbability)], expected, Quantity.LogProbability);
            }
        }
    }

    private static int NumOutputs(GoldenCase golden) => Math.Max(1, golden.Greedy.Length);
}
