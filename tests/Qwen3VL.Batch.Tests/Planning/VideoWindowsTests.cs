using Qwen3VL.Batch.Contracts.V1;
using Qwen3VL.Batch.Planning;
using Qwen3VL.Engine;
using Shouldly;
using Xunit;
using Xunit.Abstractions;

namespace Qwen3VL.Batch.Tests.Planning;

public sealed class VideoWindowsTests(ITestOutputHelper output)
{
    private static readonly VideoBounds Bounds = new(4096, 368_640, 32, 2, 4, 24);
    private static readonly PlanningOptions Defaults = new();

    [Fact]
    public void Split_VideoOfOneWindow_IsOneWindow() =>
        Split(8_000).ShouldBe([new VideoWindow(0, 8_000, 8_000)]);

    [Fact]
    public void Split_LongerVideo_SpreadsWindowsEvenly() =>
        Split(24_000).ShouldBe([new VideoWindow(0, 10_000, 7_000), new VideoWindow(7_000, 17_000, 14_000), new VideoWindow(14_000, 24_000, 24_000)]);

    [Fact]
    public void Split_RestBelowOnePair_BelongsToTheLastWindow() => Split(24_900)[^1].EndMs.ShouldBe(24_900);

    [Fact]
    public void Split_ShortVideo_IsNeverCut() => Split(1_200).ShouldBe([new VideoWindow(0, 1_200, 1_200)]);

    [Fact]
    public void Split_LowSamplingRate_WidensWindowsToTheFewestFrames()
    {
        IReadOnlyList<VideoWindow> windows = Split(600_000, new JobOptions { FramesPerSecond = 0.1 });

        windows.ShouldAllBe(window => window.EndMs - window.StartMs >= 40_000);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-5)]
    [InlineData((long)int.MaxValue + 1)]
    public void Split_DurationThatCannotBe_IsAContentError(long durationMs) =>
        Should.Throw<ContentException>(() => Split(durationMs)).Code.ShouldBe("limit_exceeded");

    [Fact]
    public void Split_RandomVideosAndOptions_CoversEverythingWithTheOverlapAskedFor()
    {
        int seed = Environment.TickCount;
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        for (int round = 0; round < 1_000; round++)
        {
            long durationMs = 1 + (long)(Math.Pow(random.NextDouble(), 3) * (round % 10 == 0 ? 86_400_000 : 200_000));
            var job = new JobOptions
            {
                FramesPerSecond = random.Next(3) == 0 ? 0.05 + (random.NextDouble() * 59) : null,
                WindowSeconds = random.Next(3) == 0 ? null : 0.5 + (random.NextDouble() * 30),
                OverlapSeconds = random.Next(3) == 0 ? null : random.NextDouble() * 8,
            };
            var bounds = Bounds with { MaxFrames = random.Next(2) == 0 ? 24 : 768 };

            Check(VideoWindows.Split(durationMs, job, Defaults, bounds), durationMs, job, bounds);
        }
    }

    private static void Check(IReadOnlyList<VideoWindow> windows, long durationMs, JobOptions job, VideoBounds bounds)
    {
        string of = $"{durationMs} ms, {job}, {bounds}";
        double pairMs = 2000 / VideoWindows.FramesPerSecond(job, bounds);
        windows[0].StartMs.ShouldBe(0, of);
        windows[^1].EndMs.ShouldBe((int)durationMs, of);
        windows[^1].CoreEndMs.ShouldBe((int)durationMs, of);
        for (int i = 0; i < windows.Count; i++)
        {
            VideoWindow window = windows[i];
            double frames = (window.EndMs - window.StartMs) / pairMs * 2;
            frames.ShouldBeLessThanOrEqualTo(bounds.MaxFrames + 0.01, of);
            if (windows.Count > 1)
            {
                // Cutting a length in two is the worst that even spreading does to it.
                (window.EndMs - window.StartMs).ShouldBeGreaterThanOrEqualTo((int)(VideoWindows.MinWindowSeconds * 500), of);
            }

            if (i + 1 < windows.Count)
            {
                VideoWindow next = windows[i + 1];
                next.StartMs.ShouldBeGreaterThan(window.StartMs, of);
                window.CoreEndMs.ShouldBe(next.StartMs, of);
                next.StartMs.ShouldBeLessThanOrEqualTo(window.EndMs, of);
            }
        }
    }

    private static IReadOnlyList<VideoWindow> Split(long durationMs, JobOptions? job = null) =>
        VideoWindows.Split(durationMs, job ?? new JobOptions(), Defaults, Bounds);
}
