using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Qwen3VL.Batch.Jobs;
using Qwen3VL.Batch.Media;
using Qwen3VL.TestKit;
using Qwen3VL.TestKit.Servers;
using Shouldly;
using Xunit;

namespace Qwen3VL.Batch.Tests.Media;

/// <summary>Files that want ffmpeg to read other files or hosts.</summary>
public sealed class HostileVideoTests : IDisposable
{
    private readonly MediaFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\n{0}a.ts\n#EXT-X-ENDLIST\n")]
    [InlineData("#EXTM3U\n#EXTINF:10,\nconcat:file:///etc/hostname|{0}\n")]
    [InlineData("ffconcat version 1.0\nfile '{0}'\n")]
    [InlineData("<?xml version='1.0'?><MPD xmlns='urn:mpeg:dash:schema:mpd:2011'><Period><BaseURL>{0}</BaseURL></Period></MPD>")]
    [InlineData("<svg xmlns='http://www.w3.org/2000/svg'><image href='{0}'/></svg>")]
    [InlineData("[Script Info]\nScriptType: v4.00+\n[Fonts]\nfontname: {0}\n")]
    [InlineData("v=0\nc=IN IP4 127.0.0.1\nm=video 9 RTP/AVP 96\na=control:{0}\n")]
    [InlineData("[reference]\nRef1={0}\n")]
    public async Task Probe_TextThatNamesOtherFiles_IsUnsupportedAndNotFollowed(string template)
    {
        await using var server = ScriptedHttpServer.Start(exchange => exchange.AnswerAsync(200, []));
        string text = template.Replace("{0}", string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{server.Port}/"), StringComparison.Ordinal);
        foreach (string name in (string[])["a.mp4", "a.m3u8", "a.ffconcat", "a.png"])
        {
            SourceFile source = _folder.Write(name, Encoding.ASCII.GetBytes(text));

            (await Should.ThrowAsync<ContentException>(() => _folder.Decoder().ProbeAsync(source, default))).Code.ShouldBe(ErrorCodes.UnsupportedMedia);
        }

        server.Received.ShouldBeEmpty();
    }

    [Fact]
    public async Task DecodeWindow_PlaylistDisguisedAsAVideo_IsNotFollowed()
    {
        // The first bytes pass for an MP4, and behind them stands what a player would follow if it guessed the form.
        await using var server = ScriptedHttpServer.Start(exchange => exchange.AnswerAsync(200, []));
        string url = string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{server.Port}/a.ts");
        SourceFile source = _folder.Write("a.mp4", [0, 0, 0, 16, .. "ftypisom"u8, 0, 0, 0, 0, .. Encoding.ASCII.GetBytes($"\n#EXTM3U\n#EXTINF:10,\n{url}\n")]);

        await Should.ThrowAsync<ContentException>(() => _folder.Decoder().DecodeWindowAsync(source, new WindowRequest(0, 1000, 2, 1, 2), default));

        server.Received.ShouldBeEmpty();
    }

    [Fact]
    public async Task DecodeWindow_FramesInAnotherFile_AreNotRead()
    {
        string[] encoder = ["-c:v", "mpeg4", "-g", "1"];
        _folder.NumberedVideo("other.mp4", 4, 4, encoder);
        SourceFile source = _folder.Write("a.mp4", ExternalMp4.Write(await File.ReadAllBytesAsync(_folder.PathOf("other.mp4")), "other.mp4"));

        // With the switch that the decoder does not set, the same file gives the other's frames: the crafted reference is a good one.
        _folder.Run("ffmpeg", "-nostdin", "-v", "error", "-xerror", "-enable_drefs", "1", "-i", "file:" + source.Path, "-frames:v", "1", "-f", "rawvideo", "-pix_fmt", "gray", "control.raw");
        new FileInfo(_folder.PathOf("control.raw")).Length.ShouldBe(64 * 48);

        (await Should.ThrowAsync<ContentException>(() => _folder.Decoder().DecodeWindowAsync(source, new WindowRequest(0, 1000, 2, 1, 2), default)))
            .Code.ShouldBe(ErrorCodes.DecodeFailed);
    }

    [Fact]
    public void Commands_OfFfmpegAndFfprobe_ForceFormatAndProtocols()
    {
        string[] files =
        [
            .. Directory.EnumerateFiles(Path.Combine(RepositoryPaths.Root, "worker", "Qwen3VL.Batch", "Media"), "*.cs", SearchOption.AllDirectories)
                .Where(file => Regex.IsMatch(File.ReadAllText(file), "\"ff(mpeg|probe)\"")),
        ];

        files.Length.ShouldBeGreaterThanOrEqualTo(3);
        files.ShouldAllBe(file => File.ReadAllText(file).Contains("\"-protocol_whitelist\", \"file,pipe\"", StringComparison.Ordinal));
        files.ShouldAllBe(file => Regex.IsMatch(File.ReadAllText(file), "\"-f\", (VideoContainers\\.Demuxer\\(kind\\)|demuxer), "));
    }
}
