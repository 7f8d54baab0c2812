using System.Security.Cryptography;
using System.Text;
using Qwen3VL.Engine.Processing;
using Qwen3VL.TestKit;
using Qwen3VL.TestKit.Fuzzing;
using Shouldly;
using Xunit;

namespace Qwen3VL.Engine.Tests.Processing;

public sealed class VideoFrameSamplerTests
{
    [Fact]
    public void SampleIndices_EveryGolden_GivesReferenceIndicesAndTimes()
    {
        FramesGolden[] goldens = Goldens.Read<FramesGolden[]>("video", "frames.json");
        goldens.Length.ShouldBe(250);
        foreach (FramesGolden golden in goldens)
        {
            string about = $"{golden.Total} frames at {golden.SrcFps}, sampled at {golden.Fps}";

            int[] indices = VideoFrameSampler.SampleIndices(golden.Total, golden.SrcFps, Bounds(golden.Fps));
            string[] texts = VideoFrameSampler.PairTimeTexts(VideoFrameSampler.Times(indices, golden.SrcFps));

            indices.Length.ShouldBe(golden.N, about);
            indices.Take(golden.First.Length).ShouldBe(golden.First, about);
            indices.TakeLast(golden.Last.Length).ShouldBe(golden.Last, about);
            Sha256(string.Join(',', indices)).ShouldBe(golden.Sha256, about);
            texts.Take(golden.Timestamps.Length).ShouldBe(golden.Timestamps, about);
            Sha256(string.Join(',', texts)).ShouldBe(golden.TimestampsSha256, about);
        }
    }

    [Theory]
    [InlineData(300, 30, 20, new[] { 0, 16, 31, 47, 63, 79, 94, 110, 126, 142 }, new[] { "0.3", "1.3", "2.4", "3.4", "4.5", "5.5", "6.6", "7.6" })]
    [InlineData(250, 25, 20, new[] { 0, 13, 26, 39, 52, 66, 79, 92, 105, 118 }, new[] { "0.3", "1.3", "2.4", "3.4", "4.5", "5.5", "6.5", "7.6" })]
    [InlineData(101, 29.97, 6, new[] { 0, 20, 40, 60, 80, 100 }, new[] { "0.3", "1.7", "3.0" })]
    [InlineData(45, 30, 4, new[] { 0, 15, 29, 44 }, new[] { "0.2", "1.2" })]
    [InlineData(3, 30, 3, new[] { 0, 1, 2 }, new[] { "0.0", "0.1" })]
    public void SampleIndices_SpecificationVector_GivesIndicesAndTimes(
        int total, double sourceRateHz, int count, int[] firstIndices, string[] firstTimes)
    {
        int[] indices = VideoFrameSampler.SampleIndices(total, sourceRateHz, Bounds(2));

        indices.Length.ShouldBe(count);
        indices.Take(firstIndices.Length).ShouldBe(firstIndices);
        VideoFrameSampler.PairTimeTexts(VideoFrameSampler.Times(indices, sourceRateHz)).Take(firstTimes.Length).ShouldBe(firstTimes);
    }

    [Fact]
    public void SampleIndices_OneFrame_GivesItsIndex() => VideoFrameSampler.SampleIndices(1, 30, Bounds(2)).ShouldBe([0]);

    [Theory]
    [InlineData(0, 30)]
    [InlineData(10, 0)]
    [InlineData(10, -1)]
    [InlineData(10, double.NaN)]
    [InlineData(10, double.PositiveInfinity)]
    public void SampleIndices_ImpossibleSource_Throws(int total, double sourceRateHz) =>
        Should.Throw<ArgumentOutOfRangeException>(() => VideoFrameSampler.SampleIndices(total, sourceRateHz, Bounds(2)));

    [Theory]
    [InlineData(0)]
    [InlineData(-2)]
    [InlineData(double.NaN)]
    public void SampleIndices_ImpossibleRate_Throws(double framesPerSecond) =>
        Should.Throw<ArgumentOutOfRangeException>(() => VideoFrameSampler.SampleIndices(10, 30, Bounds(framesPerSecond)));

    [Fact]
    [Trait(FuzzRun.Category, FuzzRun.Fuzz)]
    public void SampleIndices_RandomSources_AscendWithBothEnds() => FuzzRun.Repeat(
        random =>
        {
            int total = 1 + random.Next(random.Next(2) == 0 ? 10 : 100_000);
            double source = 0.5 + (random.NextDouble() * 120);
            double rate = 0.01 + (random.NextDouble() * 30);
            string about = $"{total} frames at {source}, sampled at {rate}";

            int[] indices = VideoFrameSampler.SampleIndices(total, source, Bounds(rate));

            indices.Length.ShouldBeInRange(Math.Min(total, 4), Math.Min(total, 768), about);
            indices[0].ShouldBe(0, about);
            indices[^1].ShouldBe(total - 1, about);
            for (int k = 1; k < indices.Length; k++)
            {
                indices[k].ShouldBeGreaterThan(indices[k - 1], about);
            }
        },
        minInputs: 2_000);

    [Theory]
    [InlineData(0.25, 0.25, "0.2")]
    [InlineData(0.75, 0.75, "0.8")]
    [InlineData(0.15, 0.15, "0.1")]
    [InlineData(3600, 3600.5, "3600.2")]
    public void PairTimeTexts_Tie_RoundsTheExactBinaryValueHalfToEven(double first, double second, string expected) =>
        VideoFrameSampler.PairTimeTexts([first, second]).ShouldBe([expected]);

    private static VideoBounds Bounds(double framesPerSecond) => new(4096, 25165824, 32, framesPerSecond, 4, 768);

    private static string Sha256(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
