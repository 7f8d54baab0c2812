using Qwen3VL.Engine.Sampling;
using Shouldly;
using Xunit;

namespace Qwen3VL.Engine.Tests.Sampling;

public sealed class TokenRulesTests
{
    [Fact]
    public void Create_NothingSaid_IsNull() => TokenRules.Create(SamplingParameters.Greedy, 4).ShouldBeNull();

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Sample_BannedTokens_AreNeverChosen(double temperature)
    {
        var sampling = new SamplingParameters { Temperature = temperature, BannedTokenIds = [2, 3, 3] };
        Sample(sampling, 1f, 1000f, 2000f, 3000f).ShouldBe(1);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Sample_AllowedTokens_AreTheOnlyOnesChosen(double temperature)
    {
        var sampling = new SamplingParameters { Temperature = temperature, AllowedTokenIds = [0, 2], BannedTokenIds = [2] };
        Sample(sampling, -500f, 1000f, 2000f, 3000f).ShouldBe(0);
    }

    [Fact]
    public void Sample_Bias_DecidesBetweenCloseLogits()
    {
        var bias = new Dictionary<int, double> { [0] = 1.5, [3] = -100 };
        Sample(new SamplingParameters { LogitBias = bias }, 2f, 3f, 1f, 50f).ShouldBe(0);
    }

    [Fact]
    public void Sample_BiasOfABannedToken_DoesNotBringItBack()
    {
        var sampling = new SamplingParameters { LogitBias = new Dictionary<int, double> { [1] = 100 }, BannedTokenIds = [1] };
        Sample(sampling, 0f, 1f, 0f, 0f).ShouldBe(0);
    }

    [Fact]
    public void Sample_BiasAndRepetitionPenalty_BiasComesFirst()
    {
        // Token 1 was seen: (-2 + 6) / 4 = 1. The other order would give -2 * 4 + 6 = -2.
        float[] logits = [1.9f, -2f];
        var sampling = new SamplingParameters { RepetitionPenalty = 4, LogitBias = new Dictionary<int, double> { [1] = 6 } };
        new Sampler(2, 2).Sample(logits, sampling, [1], 1, TokenRules.Create(sampling, 2)).ShouldBe(0);
        logits.ShouldBe([1.9f, 1f]);
    }

    [Fact]
    public void Create_OutOfRange_NamesTheParameterAndTheRule()
    {
        (SamplingParameters Sampling, string Words)[] wrong =
        [
            (new() { LogitBias = new Dictionary<int, double> { [4] = 1 } }, "logit_bias must be in 0..3; got 4"),
            (new() { LogitBias = new Dictionary<int, double> { [-1] = 1 } }, "logit_bias must be in 0..3; got -1"),
            (new() { LogitBias = new Dictionary<int, double> { [1] = 100.5 } }, "logit_bias of token 1 must be in -100..100; got 100.5"),
            (new() { LogitBias = new Dictionary<int, double> { [1] = double.NaN } }, "logit_bias of token 1 must be in -100..100; got NaN"),
            (new() { LogitBias = Enumerable.Range(0, 1025).ToDictionary(id => id, _ => 0.0) }, "logit_bias must be at most 1024 entries; got 1025"),
            (new() { BannedTokenIds = [4] }, "banned_token_ids must be in 0..3; got 4"),
            (new() { BannedTokenIds = [0, 1, 2, 3, 3] }, "banned_token_ids must be at most 4 ids; got 5"),
            (new() { AllowedTokenIds = [-7] }, "allowed_token_ids must be in 0..3; got -7"),
            (new() { AllowedTokenIds = [] }, "must leave at least 1 token"),
            (new() { AllowedTokenIds = [1], BannedTokenIds = [1] }, "must leave at least 1 token"),
        ];
        foreach ((SamplingParameters sampling, string words) in wrong)
        {
            Should.Throw<InvalidRequestException>(() => TokenRules.Create(sampling, 4)).Message.ShouldContain(words);
        }
    }

    [Fact]
    public void Apply_MaskOverSeveralWords_KeepsExactlyItsIds()
    {
        var random = new Random(11);
        var mask = new TokenMask(1000);
        int[] ids = [.. Enumerable.Range(0, 64), .. Enumerable.Range(0, 300).Select(_ => 128 + random.Next(872))];
        Array.ForEach(ids, mask.Add);
        var logits = new float[1000];
        mask.Apply(logits);
        Enumerable.Range(0, 1000).Where(id => logits[id] == 0).ShouldBe(ids.Distinct().Order());
        logits.Where(logit => logit != 0).ShouldAllBe(logit => float.IsNegativeInfinity(logit));
        mask.Count.ShouldBe(ids.Distinct().Count());
    }

    private static int Sample(SamplingParameters sampling, params float[] logits) =>
        new Sampler(logits.Length, logits.Length).Sample(logits, sampling, [], 0, TokenRules.Create(sampling, logits.Length));
}
