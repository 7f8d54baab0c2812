using Qwen3VL.Batch.Jobs;
using Qwen3VL.Batch.Media;
using Shouldly;
using Xunit;

namespace Qwen3VL.Batch.Tests.Media;

public sealed class VideoDecodingTests : IDisposable
{
    private static readonly string[] H264 = ["-c:v", "libx264", "-crf", "4", "-bf", "2", "-g", "12"];

    private readonly MediaFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("a.mp4", "video/mp4")]
    [InlineData("a.mkv", "video/x-matroska")]
    [InlineData("a.ts", "video/mp2t")]
    [InlineData("a.avi", "video/x-msvideo")]
    [InlineData("a.webm", "video/x-matroska")]
    public async Task DecodeWindow_ConstantRate_GivesFramesShownAtInstantsWithTheirTimes(string name, string mediaType)
    {
        string[] encoder = name switch
        {
            "a.webm" => ["-c:v", "libvpx", "-crf", "4", "-b:v", "2M", "-auto-alt-ref", "1", "-lag-in-frames", "16", "-g", "12"],
            "a.avi" => ["-c:v", "mpeg4", "-q:v", "2", "-bf", "2", "-g", "12"],
            _ => H264,
        };
        SourceFile source = _folder.NumberedVideo(name, frames: 100, rateHz: 25, encoder);
        MediaDecoder decoder = _folder.Decoder();

        MediaInfo info = await decoder.ProbeAsync(source, default);
        info.ShouldBe(new MediaInfo(mediaType, 0, info.DurationMs, 64, 48));
        info.DurationMs.ShouldBeInRange(3999, 4001);
        foreach ((int startMs, int endMs) in ((int, int)[])[(0, 4000), (1000, 3000), (2480, 3480), (3500, 9000)])
        {
            DecodedWindow window = await decoder.DecodeWindowAsync(source, new WindowRequest(startMs, endMs, 2, 1, 100), default);

            int end = Math.Min(endMs, 4000);
            int count = (end - startMs) / 500;
            window.PtsMs.Count.ShouldBe(count, name);
            window.Frames.Count.ShouldBe(count, name);
            window.EndMs.ShouldBeInRange(end, end + 1);
            for (int k = 0; k < count; k++)
            {
                int shown = (startMs + (k * 500)) / 40;
                MediaFolder.FrameNumber(window.Frames[k]).ShouldBe(shown, $"{name} {startMs} {k}");
                window.PtsMs[k].ShouldBe(shown * 40, tolerance: 0.01, $"{name} {startMs} {k}");
            }
        }
    }

    [Fact]
    public async Task DecodeWindow_VariableRate_GivesTheFrameOnScreenAndItsOwnTime()
    {
        // Frames 0..9 at 25 Hz, then one in ten.
        SourceFile source = _folder.NumberedVideo("vfr.mkv", 100, 25, ["-vf", "select=lt(n\\,10)+not(mod(n\\,10))", "-fps_mode", "vfr", .. H264]);

        DecodedWindow window = await _folder.Decoder().DecodeWindowAsync(source, new WindowRequest(200, 3000, 2, 1, 100), default);

        // Instants 200, 700, 1200, 1700, 2200: the 700 ms instant shows the frame of 400 ms, and so on.
        window.Frames.Select(MediaFolder.FrameNumber).ShouldBe([5, 10, 30, 40, 50]);
        window.PtsMs.ShouldBe([200, 400, 1200, 1600, 2000]);
    }

    [Fact]
    public async Task DecodeWindow_TimesThatDoNotBeginAtZero_CountFromTheFirstFrame()
    {
        SourceFile source = _folder.NumberedVideo("late.mkv", 50, 25, ["-output_ts_offset", "7.5", .. H264]);

        DecodedWindow window = await _folder.Decoder().DecodeWindowAsync(source, new WindowRequest(0, 2000, 2, 1, 100), default);

        window.PtsMs.ShouldBe([0, 480, 1000, 1480]);
        window.Frames.Select(MediaFolder.FrameNumber).ShouldBe([0, 12, 25, 37]);
    }

    [Fact]
    public async Task DecodeWindow_EditList_HidesWhatThePlayerHides()
    {
        _folder.NumberedVideo("whole.mp4", 100, 25, [.. H264, "-g", "50"]);
        _folder.Run("ffmpeg", "-v", "error", "-ss", "1.0", "-i", "whole.mp4", "-c", "copy", "cut.mp4");

        DecodedWindow window = await _folder.Decoder().DecodeWindowAsync(_folder.Source("cut.mp4"), new WindowRequest(0, 1000, 2, 1, 100), default);

        window.PtsMs.ShouldBe([0, 480]);
        window.Frames.Select(MediaFolder.FrameNumber).ShouldBe([25, 37]);
    }

    [Fact]
    public async Task DecodeWindow_RotationMetadata_IsApplied()
    {
        _folder.NumberedVideo("flat.mp4", 10, 25, H264);
        _folder.Run("ffmpeg", "-v", "error", "-i", "flat.mp4", "-c", "copy", "-metadata:s:v", "rotate=90", "turned.mp4");
        SourceFile source = _folder.Source("turned.mp4");

        MediaInfo info = await _folder.Decoder().ProbeAsync(source, default);
        DecodedWindow window = await _folder.Decoder().DecodeWindowAsync(source, new WindowRequest(0, 400, 25, 1, 4), default);

        (info.Width, info.Height).ShouldBe((48, 64));
        window.Frames.ShouldAllBe(frame => frame.Width == 48 && frame.Height == 64);
    }

    [Fact]
    public async Task DecodeWindow_MadeSmaller_SaysHowManyFramesItWouldHave()
    {
        SourceFile source = _folder.NumberedVideo("a.mp4", 100, 25, H264);

        DecodedWindow window = await _folder.Decoder().DecodeWindowAsync(
            source, new WindowRequest(0, 4000, 1, 4, 100) { Unreduced = new WindowRequest(0, 4000, 5, 4, 100) }, default);

        (window.Frames.Count, window.UnreducedFrames).ShouldBe((4, 20));
    }

    [Theory]
    [InlineData(2, 4, 100, 8)]
    [InlineData(2, 4, 5, 5)]
    [InlineData(0.1, 4, 100, 4)]
    [InlineData(100, 4, 1000, 100)]
    [InlineData(2, 50, 20, 20)]
    public async Task DecodeWindow_FrameBounds_SpreadFramesEvenly(double framesPerSecond, int minFrames, int maxFrames, int expected)
    {
        SourceFile source = _folder.NumberedVideo("a.mp4", 100, 25, H264);

        DecodedWindow window = await _folder.Decoder().DecodeWindowAsync(source, new WindowRequest(0, 4000, framesPerSecond, minFrames, maxFrames), default);

        window.Frames.Count.ShouldBe(expected);
        double step = 4000.0 / expected;
        for (int k = 0; k < expected; k++)
        {
            window.PtsMs[k].ShouldBe(Math.Floor(((k * step) + 1e-6) / 40) * 40);
            MediaFolder.FrameNumber(window.Frames[k]).ShouldBe((int)window.PtsMs[k] / 40);
        }
    }

    [Fact]
    public async Task DecodeWindow_FewFramesOnScreen_TakesAllThereAre()
    {
        SourceFile source = _folder.NumberedVideo("slow.mkv", 3, 1, H264);

        DecodedWindow window = await _folder.Decoder().DecodeWindowAsync(source, new WindowRequest(0, 3000, 2, 4, 100), default);

        window.PtsMs.ShouldBe([0, 1000, 2000]);
    }

    [Fact]
    public async Task DecodeWindow_OneFrameVideo_GivesThatFrame()
    {
        SourceFile source = _folder.NumberedVideo("one.mkv", 1, 25, H264);

        DecodedWindow window = await _folder.Decoder().DecodeWindowAsync(source, new WindowRequest(0, 1000, 2, 4, 100), default);

        window.PtsMs.ShouldBe([0]);
    }

    [Fact]
    public async Task DecodeWindow_BehindTheEnd_Fails()
    {
        SourceFile source = _folder.NumberedVideo("a.mp4", 50, 25, H264);

        (await FailAsync(_folder.Options, source, new WindowRequest(2000, 3000, 2, 1, 100))).Code.ShouldBe(ErrorCodes.DecodeFailed);
    }

    [Fact]
    public async Task DecodeWindow_Limits_AreChecked()
    {
        SourceFile source = _folder.NumberedVideo("a.mp4", 50, 25, H264);
        WindowRequest request = new(0, 1000, 2, 1, 100);

        (await FailAsync(_folder.Options with { MaxDurationSeconds = 1.9 }, source, request)).Code.ShouldBe(ErrorCodes.LimitExceeded);
        (await FailAsync(_folder.Options with { MaxImagePixels = (64 * 48) - 1 }, source, request)).Code.ShouldBe(ErrorCodes.LimitExceeded);
    }

    [Theory]
    [InlineData("a.mp4", false)]
    [InlineData("a.mp4", true)]
    [InlineData("a.mkv", false)]
    public async Task Probe_CutFile_FailsInsteadOfEndingEarly(string name, bool indexFirst)
    {
        _folder.NumberedVideo("whole-" + name, 100, 25, [.. H264, .. indexFirst ? (string[])["-movflags", "+faststart"] : []]);
        byte[] whole = await File.ReadAllBytesAsync(_folder.PathOf("whole-" + name));
        SourceFile source = _folder.Write(name, whole[..(whole.Length * 6 / 10)]);

        ContentException exception = await Should.ThrowAsync<ContentException>(() => _folder.Decoder().ProbeAsync(source, default));

        exception.Code.ShouldBe(ErrorCodes.DecodeFailed);
        exception.Message.ShouldNotContain(_folder.Root);
    }

    [Fact]
    public async Task Probe_SoundOnly_IsUnsupported()
    {
        _folder.Run("ffmpeg", "-v", "error", "-f", "lavfi", "-i", "sine=duration=1", "-c:a", "aac", "sound.mp4");

        ContentException exception = await Should.ThrowAsync<ContentException>(() => _folder.Decoder().ProbeAsync(_folder.Source("sound.mp4"), default));

        exception.Code.ShouldBe(ErrorCodes.UnsupportedMedia);
    }

    [Theory]
    [InlineData("-i.mp4")]
    [InlineData("http:x.mp4")]
    [InlineData("a'b,c;[d].mp4")]
    [InlineData("%03d.mp4")]
    public async Task DecodeWindow_NameThatLooksLikeSomethingElse_IsJustAName(string name)
    {
        SourceFile source = _folder.NumberedVideo(name, 10, 25, H264);

        DecodedWindow window = await _folder.Decoder().DecodeWindowAsync(source, new WindowRequest(0, 400, 5, 1, 100), default);

        window.Frames.Select(MediaFolder.FrameNumber).ShouldBe([0, 5]);
    }

    [Fact]
    public async Task DecodeWindow_Picture_IsUnsupported()
    {
        SourceFile source = _folder.Write("a.mp4", PngBytes.Write(1, 1, 8, PngBytes.Rgb, [0, 0, 0]));

        (await FailAsync(_folder.Options, source, new WindowRequest(0, 1000, 2, 1, 100))).Code.ShouldBe(ErrorCodes.UnsupportedMedia);
    }

    [Fact]
    public async Task DecodePage_Video_IsUnsupported()
    {
        SourceFile source = _folder.NumberedVideo("a.mp4", 2, 25, H264);

        ContentException exception = await Should.ThrowAsync<ContentException>(
            () => _folder.Decoder().DecodePageAsync(source, 1, new PageRequest(144, 4096, 1 << 20, 32), default));

        exception.Code.ShouldBe(ErrorCodes.UnsupportedMedia);
    }

    private static async Task<ContentException> FailAsync(MediaOptions options, SourceFile source, WindowRequest request) =>
        await Should.ThrowAsync<ContentException>(() => MediaFolder.Decoder(options).DecodeWindowAsync(source, request, default));
}
