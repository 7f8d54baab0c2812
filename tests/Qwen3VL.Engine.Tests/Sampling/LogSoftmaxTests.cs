using Qwen3VL.Engine.Sampling;
using Shouldly;
using Xunit;

namespace Qwen3VL.Engine.Tests.Sampling;

public sealed class LogSoftmaxTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(8)]
    [InlineData(1003)]
    public void Score_RandomRow_EqualsTheDefinition(int length)
    {
        var random = new Random(31);
        float[] logits = [.. Enumerable.Range(0, length).Select(_ => (random.NextSingle() * 60) - 30)];
        double sum = logits.Sum(logit => Math.Exp(logit));
        int[] best = [.. Enumerable.Range(0, length).OrderByDescending(id => logits[id]).Take(20)];
        foreach (int tokenId in (int[])[0, length / 2, length - 1])
        {
            TokenLogProbability score = LogSoftmax.Score(logits, tokenId, 20);

            // Two orders of a sum of doubles.
            score.TokenId.ShouldBe(tokenId);
            score.LogProbability.ShouldBe(logits[tokenId] - Math.Log(sum), 1e-11);
            score.Top.Select(entry => entry.TokenId).ShouldBe(best);
            score.Top.Select(entry => entry.LogProbability).ShouldBe(best.Select(id => logits[id] - Math.Log(sum)), 1e-11);
        }
    }

    [Fact]
    public void Score_EqualLogits_TakesLowerIdsFirst() =>
        LogSoftmax.Score([1, 2, 1, 2, 2, 0], 5, 4).Top.Select(entry => entry.TokenId).ShouldBe([1, 3, 4, 0]);

    [Fact]
    public void Score_NoAlternatives_HasNone() => LogSoftmax.Score([0, 0], 1, 0).ShouldSatisfyAllConditions(
        score => score.Top.ShouldBeEmpty(),
        score => score.LogProbability.ShouldBe(Math.Log(0.5), 1e-15));

    [Fact]
    public void Score_HugeLogits_DoesNotOverflow() => LogSoftmax.Score([3e38f, 3e38f, -3e38f], 0, 0).LogProbability.ShouldBe(Math.Log(0.5), 1e-15);

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void Score_BrokenRow_Throws(float logit) => Should.Throw<EngineInvariantException>(() => LogSoftmax.Score([0, logit], 0, 0));
}
