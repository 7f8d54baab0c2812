using Qwen3VL.Engine.Backends;
using Qwen3VL.TestKit.Cases;
using Shouldly;
using Xunit;

namespace Qwen3VL.Engine.Contract.Serving;

/// <summary>
/// The equalities of <see cref="ServingContract"/> on the kinds of model that the bundled one is not: a mixture of experts, whose tokens share
/// matrices by choice, 8-bit weights, and YaRN over a prompt longer than the trained context. The reference of each case is the case alone,
/// whole in one step; its tokens are those of the golden.
/// </summary>
public abstract class CheckpointServingContract
{
    public static TheoryData<string, string> Models => new()
    {
        { "moe", "mixed" },
        { "moe-fp8", "image" },
        { "dense-yarn", "long" },
    };

    /// <summary>Largest difference of a logit; 0 means bit by bit.</summary>
    protected virtual double MaxDifference => 0;

    protected abstract IBackend CreateBackend();

    [Theory]
    [MemberData(nameof(Models))]
    public async Task Serving_ChunksAndScatteredBlocks_EqualAlone(string model, string name)
    {
        using var golden = GoldenCase.Read(model, name);
        ServedAnswer alone = await AloneAsync(golden);
        alone.Result.OutputTokenIds.ShouldBe(golden.Greedy);
        foreach (int tokenBudget in new[] { 5, 17, 64 })
        {
            using CheckpointHarness chunked = New(golden, new ServingSettings { TokenBudget = tokenBudget, MaxSequences = 1, ScatterSeed = 11 });
            ShouldEqual((await chunked.RunAsync(golden))[0], alone, $"{tokenBudget} tokens a step");
        }
    }

    [Theory]
    [MemberData(nameof(Models))]
    public async Task Serving_NeighboursAndPreemption_EqualAlone(string model, string name)
    {
        using var golden = GoldenCase.Read(model, name);
        using var text = GoldenCase.Read(model, "text");
        ServedAnswer[] alone = [await AloneAsync(golden), await AloneAsync(text)];
        using (CheckpointHarness together = New(golden, new ServingSettings { TokenBudget = 19, MaxSequences = 4 }))
        {
            IReadOnlyList<ServedAnswer> answers = await together.RunAsync(golden, text, golden);
            ShouldEqual(answers[0], alone[0], "first of three");
            ShouldEqual(answers[1], alone[1], "second of three");
            ShouldEqual(answers[2], alone[0], "third of three");
        }

        // Block 0, both prompts with their first output token, and nothing for what follows.
        int numBlocks = 1 + Blocks(golden.InputIds.Length + 1) + Blocks(golden.InputIds.Length + golden.Greedy.Length);
        using CheckpointHarness tight = New(golden, new ServingSettings { NumBlocks = numBlocks });
        IReadOnlyList<ServedAnswer> preempted = await tight.RunAsync(golden, golden);
        tight.Metrics.Preemptions.ShouldBeGreaterThan(0);
        ShouldEqual(preempted[0], alone[0], "first of two");
        ShouldEqual(preempted[1], alone[0], "second of two");
    }

    [Theory]
    [MemberData(nameof(Models))]
    public async Task Serving_PrefixHit_EqualsWithoutCache(string model, string name)
    {
        using var golden = GoldenCase.Read(model, name);
        using CheckpointHarness cached = New(golden, new ServingSettings { PrefixCache = true });
        await cached.RunAsync(golden);
        ServedAnswer second = (await cached.RunAsync(golden))[0];
        second.Result.Usage.CachedTokens.ShouldBeGreaterThan(0);
        ShouldEqual(second, await AloneAsync(golden), "second time");
    }

    private static int Blocks(int tokens) => (tokens + KvCacheShape.BlockTokens - 1) / KvCacheShape.BlockTokens;

    private CheckpointHarness New(GoldenCase checkpoint, ServingSettings settings) => new(CreateBackend(), checkpoint, settings);

    private async Task<ServedAnswer> AloneAsync(GoldenCase golden)
    {
        using CheckpointHarness alone = New(golden, new ServingSettings { MaxSequences = 1 });
        return (await alone.RunAsync(golden))[0];
    }

    private void ShouldEqual(ServedAnswer actual, ServedAnswer expected, string what)
    {
        actual.Result.OutputTokenIds.ShouldBe(expected.Result.OutputTokenIds, what);
        for (int token = 0; token < expected.Logits.Count; token++)
        {
            double worst = actual.Logits[token].Zip(expected.Logits[token], (a, b) => Math.Abs((double)a - b)).Max();
            (worst <= MaxDifference).ShouldBeTrue($"{what}: logits of output token {token} must differ by at most {MaxDifference}; got {worst}");
        }
    }
}
