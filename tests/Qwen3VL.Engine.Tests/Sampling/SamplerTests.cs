using Qwen3VL.Engine.Sampling;
using Qwen3VL.TestKit;
using Shouldly;
using Xunit;

namespace Qwen3VL.Engine.Tests.Sampling;

public sealed class SamplerTests
{
    [Fact]
    public void Probabilities_GoldenCases_EqualTheReference()
    {
        // The reference works in 32-bit floats: a probability carries a few of their roundings.
        const double tolerance = 2e-6;
        int number = 0;
        foreach (SamplingGolden golden in Goldens.Read<SamplingGolden[]>("sampling", "cases.json"))
        {
            var sampling = new SamplingParameters
            {
                Temperature = golden.Temperature,
                TopK = golden.TopK,
                TopP = golden.TopP,
                MinP = golden.MinP,
                RepetitionPenalty = golden.RepetitionPenalty,
            };
            int vocabularySize = golden.Logits.Length;
            double[] actual = new Sampler(vocabularySize, vocabularySize).Probabilities(golden.Logits, sampling, golden.PreviousIds, golden.PreviousIds.Length);
            for (int tokenId = 0; tokenId < vocabularySize; tokenId++)
            {
                actual[tokenId].ShouldBe(golden.Probabilities[tokenId], tolerance, $"case {number} token {tokenId}");
                (actual[tokenId] > 0).ShouldBe(golden.Probabilities[tokenId] > 0, $"case {number} token {tokenId}");
            }

            number++;
        }

        number.ShouldBe(40);
    }

    [Fact]
    public void Sample_GreedyWithEqualLogits_TakesTheLowestId() =>
        new Sampler(4, 4).Sample([1f, 3f, 3f, 2f], SamplingParameters.Greedy, [], 0).ShouldBe(1);

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Sample_IdsBeyondTheTokenizer_AreNeverChosen(double temperature) =>
        new Sampler(4, 2).Sample([1f, 50f, 99f, 99f], new SamplingParameters { Temperature = temperature }, [], 0).ShouldBe(1);

    [Theory]
    [InlineData(0, float.NaN, float.NegativeInfinity)]
    [InlineData(1, float.NaN, float.NegativeInfinity)]
    [InlineData(0, float.NegativeInfinity, float.NegativeInfinity)]
    [InlineData(1, float.NegativeInfinity, float.NegativeInfinity)]
    [InlineData(0, 1f, float.PositiveInfinity)]
    [InlineData(1, 1f, float.PositiveInfinity)]
    [InlineData(0, 1f, float.NaN)]
    [InlineData(1, 1f, float.NaN)]
    public void Sample_HighestLogitNotFinite_Throws(double temperature, float first, float second) =>
        Should.Throw<EngineInvariantException>(() =>
            new Sampler(2, 2).Sample([first, second], new SamplingParameters { Temperature = temperature }, [], 0));

    [Fact]
    public void Sample_PresenceAndFrequency_CountOutputTokensOnly()
    {
        var sampling = new SamplingParameters { PresencePenalty = 0.5, FrequencyPenalty = 0.25 };
        float[] logits = [4f, 4f, 4f];
        new Sampler(3, 3).Sample(logits, sampling, [0, 1, 1, 2], 1).ShouldBe(0);
        logits.ShouldBe([4f, 3f, 3.25f]);
    }

    [Fact]
    public void Sample_ManyDraws_FollowTheProbabilities()
    {
        const int draws = 20_000;
        var counts = new int[3];
        var sampler = new Sampler(3, 3);
        var known = new int[1];
        for (int i = 0; i < draws; i++)
        {
            float[] logits = [MathF.Log(1), MathF.Log(2), MathF.Log(7)];
            counts[sampler.Sample(logits, new SamplingParameters { Temperature = 1, Seed = (ulong)i }, known, 1)]++;
        }

        // Five standard deviations of a binomial count.
        double[] probabilities = [0.1, 0.2, 0.7];
        for (int i = 0; i < 3; i++)
        {
            double deviation = Math.Sqrt(draws * probabilities[i] * (1 - probabilities[i]));
            ((double)counts[i]).ShouldBe(draws * probabilities[i], 5 * deviation);
        }
    }

    [Fact]
    public void Draw_NeighbouringSeeds_DoNotRepeatEachOther()
    {
        double[] a = [.. Enumerable.Range(0, 50).Select(new SequenceRandom(7).Draw)];
        double[] b = [.. Enumerable.Range(0, 50).Select(new SequenceRandom(8).Draw)];
        a.Intersect(b).ShouldBeEmpty();
        a.ShouldBe([.. Enumerable.Range(0, 50).Select(new SequenceRandom(7).Draw)]);
    }

    [Theory]
    [InlineData(0, 0, 1, 0)]
    [InlineData(0.7, 20, 0.8, 0)]
    [InlineData(1, 0, 0.9, 0.05)]
    public void Sample_AfterWarmUp_AllocatesNothing(double temperature, int topK, double topP, double minP)
    {
        var sampling = new SamplingParameters { Temperature = temperature, TopK = topK, TopP = topP, MinP = minP, RepetitionPenalty = 1.1, PresencePenalty = 1 };
        var sampler = new Sampler(1_000, 990);
        var logits = new float[1_000];
        var known = new int[64];
        var random = new Random(5);
        for (int round = 0; round < 50; round++)
        {
            Refill();
            sampler.Sample(logits, sampling, known, 30);
        }

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int round = 0; round < 50; round++)
        {
            Refill();
            sampler.Sample(logits, sampling, known, 30);
        }

        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBe(0);

        void Refill()
        {
            for (int i = 0; i < logits.Length; i++)
            {
                logits[i] = (random.NextSingle() * 20) - 10;
            }
        }
    }

    [Fact]
    public void Validate_OutOfRange_NamesTheParameter()
    {
        SamplingParameters[] wrong =
        [
            new() { Temperature = -1 }, new() { Temperature = double.NaN }, new() { TopK = -1 }, new() { TopP = 0 }, new() { TopP = 1.1 },
            new() { MinP = 1 }, new() { RepetitionPenalty = 0.009 }, new() { RepetitionPenalty = 101 }, new() { PresencePenalty = 3 }, new() { FrequencyPenalty = -3 },
        ];
        foreach (SamplingParameters sampling in wrong)
        {
            Should.Throw<InvalidRequestException>(() => SamplingLimits.Validate(sampling)).Message.ShouldContain("must be");
        }

        SamplingLimits.Validate(SamplingParameters.Greedy);
    }
}
