using Qwen3VL.Engine.Checkpoints;
using Qwen3VL.Engine.Models;
using Shouldly;
using Xunit;

namespace Qwen3VL.Engine.Tests.Models;

public sealed class RopeFrequenciesTests
{
    private const double Theta = 5e6;

    private static readonly YarnScaling Released = new()
    {
        Factor = 3,
        OriginalMaxPositions = 262_144,
        BetaFast = 32,
        BetaSlow = 1,
        AttentionFactor = 0.1 * Math.Log(3) + 1,
        Truncate = true,
    };

    [Fact]
    public void Yarn_ReleasedSetting_RampsBetweenTheStatedIndices()
    {
        // 29 and 45 are the worked numbers of the setting for a million tokens.
        float[] plain = RopeFrequencies.Plain(64, Theta);
        float[] yarn = RopeFrequencies.Yarn(64, Theta, Released);
        for (int i = 0; i < 64; i++)
        {
            double ramp = Math.Clamp((i - 29) / 16.0, 0, 1);
            double exact = Math.Pow(Theta, -i / 64.0) * (1 - ramp + ramp / 3);
            ((double)yarn[i]).ShouldBe(exact, 1e-6 * exact, $"frequency {i}");
            if (i <= 29)
            {
                yarn[i].ShouldBe(plain[i]);
            }
        }
    }

    [Fact]
    public void Yarn_WithoutTruncation_RampsBetweenTheExactIndices()
    {
        float[] yarn = RopeFrequencies.Yarn(64, Theta, Released with { Truncate = false });
        double low = 64 * Math.Log(262_144 / (32 * 2 * Math.PI)) / Math.Log(Theta);
        double high = 64 * Math.Log(262_144 / (2 * Math.PI)) / Math.Log(Theta);
        for (int i = 0; i < 64; i++)
        {
            double ramp = Math.Clamp((i - low) / (high - low), 0, 1);
            double exact = Math.Pow(Theta, -i / 64.0) * (1 - ramp + ramp / 3);
            ((double)yarn[i]).ShouldBe(exact, 2e-6 * exact, $"frequency {i}");
        }
    }

    [Fact]
    public void Yarn_RampWithoutWidth_StepsAndStaysFinite()
    {
        // The trained context is so short that both ends fall on index 0.
        float[] plain = RopeFrequencies.Plain(16, Theta);
        float[] yarn = RopeFrequencies.Yarn(16, Theta, Released with { OriginalMaxPositions = 6 });
        yarn[0].ShouldBe(plain[0]);
        for (int i = 1; i < 16; i++)
        {
            ((double)yarn[i]).ShouldBe(plain[i] / 3.0, 1e-6 * plain[i], $"frequency {i}");
        }
    }
}
