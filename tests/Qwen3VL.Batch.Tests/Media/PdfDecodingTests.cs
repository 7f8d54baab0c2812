using System.Text;
using Qwen3VL.Batch.Jobs;
using Qwen3VL.Batch.Media;
using Qwen3VL.Engine;
using Shouldly;
using Xunit;

namespace Qwen3VL.Batch.Tests.Media;

public sealed class PdfDecodingTests : IDisposable
{
    private static readonly PageRequest Request = new(144, 4096, 1 << 22, 32);

    private readonly MediaFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(0, 800, 416, "lower left", "upper right")]
    [InlineData(90, 416, 800, "upper left", "lower right")]
    [InlineData(180, 800, 416, "upper right", "lower left")]
    [InlineData(270, 416, 800, "lower right", "upper left")]
    [InlineData(-90, 416, 800, "lower right", "upper left")]
    public async Task DecodePage_Rotate_IsUprightAtTheModelsSize(int rotate, int width, int height, string red, string blue)
    {
        SourceFile source = _folder.Write("a.pdf", PdfBytes.Write(1, 400, 208, rotate));

        DecodedPage page = await _folder.Decoder().DecodePageAsync(source, 1, Request, default);

        (page.Image.Width, page.Image.Height).ShouldBe((width, height));
        page.RotationDegrees.ShouldBe((rotate + 360) % 360);
        (page.WidthPoints, page.HeightPoints).ShouldBe(width > height ? (400, 208) : (208, 400));
        Corner(page.Image, 255, 0, 0).ShouldBe(red);
        Corner(page.Image, 0, 0, 255).ShouldBe(blue);
    }

    [Fact]
    public async Task DecodePage_PixelBounds_AreTheRastersBounds()
    {
        SourceFile source = _folder.Write("a4.pdf", PdfBytes.Write(1, 595.276, 841.89));

        RgbImage small = (await _folder.Decoder().DecodePageAsync(source, 1, new PageRequest(144, 4096, 163_840, 32), default)).Image;
        RgbImage large = (await _folder.Decoder().DecodePageAsync(source, 1, new PageRequest(144, 4096, 16_777_216, 32), default)).Image;

        (small.Width, small.Height).ShouldBe((320, 480));
        (large.Width, large.Height).ShouldBe((1184, 1696));
    }

    [Fact]
    public async Task DecodePage_MadeSmaller_SaysWhatItWouldHave()
    {
        SourceFile source = _folder.Write("a4.pdf", PdfBytes.Write(1, 595.276, 841.89));

        DecodedPage page = await _folder.Decoder().DecodePageAsync(
            source, 1, new PageRequest(144, 4096, 163_840, 32) { UnreducedMaxPixels = 16_777_216 }, default);

        (page.Image.Width, page.Image.Height, page.UnreducedPixels).ShouldBe((320, 480, 1184 * 1696));
    }

    [Fact]
    public async Task Probe_Pages_AreCountedWhateverTheTitleSays()
    {
        SourceFile source = _folder.Write("a.pdf", PdfBytes.Write(3, 200, 100, title: "x\\nPages:  99999"));

        (await _folder.Decoder().ProbeAsync(source, default)).ShouldBe(new MediaInfo("application/pdf", 3, 0, 0, 0));
    }

    [Fact]
    public async Task Probe_TooManyPages_ExceedsTheLimit()
    {
        SourceFile source = _folder.Write("a.pdf", PdfBytes.Write(3, 200, 100));

        ContentException exception =
            await Should.ThrowAsync<ContentException>(() => MediaFolder.Decoder(_folder.Options with { MaxPages = 2 }).ProbeAsync(source, default));

        exception.Code.ShouldBe(ErrorCodes.LimitExceeded);
    }

    [Theory]
    [InlineData(1_000_000, 1_000_000)]
    [InlineData(14_000, 20)]
    public async Task DecodePage_AbsurdSize_ExceedsTheLimit(double width, double height)
    {
        SourceFile source = _folder.Write("a.pdf", PdfBytes.Write(1, width, height));

        (await FailAsync(source, 1)).Code.ShouldBe(ErrorCodes.LimitExceeded);
    }

    [Fact]
    public async Task DecodePage_MissingPage_Fails() =>
        (await FailAsync(_folder.Write("a.pdf", PdfBytes.Write(2, 200, 100)), 3)).Code.ShouldBe(ErrorCodes.DecodeFailed);

    [Fact]
    public async Task Probe_EncryptedPdf_IsUnsupported()
    {
        SourceFile source = _folder.Write("a.pdf", PdfBytes.Write(1, 200, 100, encrypted: true));

        ContentException exception = await Should.ThrowAsync<ContentException>(() => _folder.Decoder().ProbeAsync(source, default));

        exception.Code.ShouldBe(ErrorCodes.UnsupportedMedia);
        exception.Message.ShouldContain("password");
    }

    [Fact]
    public async Task Probe_BrokenPdf_Fails()
    {
        SourceFile source = _folder.Write("a.pdf", Encoding.ASCII.GetBytes("%PDF-1.7\nnothing of use\n"));

        ContentException exception = await Should.ThrowAsync<ContentException>(() => _folder.Decoder().ProbeAsync(source, default));

        exception.Code.ShouldBe(ErrorCodes.DecodeFailed);
        exception.Message.ShouldNotContain(_folder.Root);
    }

    [Theory]
    [InlineData("hello, this is text")]
    [InlineData("<svg xmlns='http://www.w3.org/2000/svg'><image href='file:///etc/passwd'/></svg>")]
    [InlineData("ffconcat version 1.0\nfile /etc/passwd\n")]
    [InlineData("#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n")]
    [InlineData("")]
    public async Task Probe_TextNamedPdf_IsUnsupported(string content)
    {
        SourceFile source = _folder.Write("a.pdf", Encoding.ASCII.GetBytes(content));

        (await Should.ThrowAsync<ContentException>(() => _folder.Decoder().ProbeAsync(source, default))).Code.ShouldBe(ErrorCodes.UnsupportedMedia);
    }

    [Theory]
    [InlineData("-opw.pdf")]
    [InlineData("a:b.pdf")]
    [InlineData("$(touch x);'\".pdf")]
    [InlineData("%d.pdf")]
    public async Task DecodePage_NameThatLooksLikeSomethingElse_IsJustAName(string name)
    {
        SourceFile source = _folder.Write(name, PdfBytes.Write(1, 200, 100));

        (await _folder.Decoder().DecodePageAsync(source, 1, Request, default)).Image.Width.ShouldBe(384);
    }

    private async Task<ContentException> FailAsync(SourceFile source, int pageNo) =>
        await Should.ThrowAsync<ContentException>(() => _folder.Decoder().DecodePageAsync(source, pageNo, Request, default));

    private static string Corner(RgbImage image, byte red, byte green, byte blue)
    {
        foreach ((string name, int x, int y) in (ReadOnlySpan<(string, int, int)>)[
            ("upper left", 2, 2),
            ("upper right", image.Width - 3, 2),
            ("lower left", 2, image.Height - 3),
            ("lower right", image.Width - 3, image.Height - 3)])
        {
            ReadOnlySpan<byte> pixel = image.Pixels.Span.Slice(((y * image.Width) + x) * 3, 3);
            if (pixel[0] == red && pixel[1] == green && pixel[2] == blue)
            {
                return name;
            }
        }

        return "none";
    }
}
