using System.Text;
using Qwen3VL.Batch.Jobs;
using Qwen3VL.Batch.Media;
using Qwen3VL.Engine;
using Qwen3VL.TestKit;
using Shouldly;
using Xunit;

namespace Qwen3VL.Batch.Tests.Media;

/// <summary>Each row of the README's table of picture kinds. The committed files were made by other programs, to be read as those read them.</summary>
public sealed class PictureKindsTests : IDisposable
{
    private static readonly PageRequest Request = new(144, 4096, 1 << 20, 32);

    private readonly MediaFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("cmyk.jpg", 3)] // Adobe: inks stored inverted.
    [InlineData("ycck.jpg", 3)] // Adobe, transform 2: inks as luma and chroma.
    [InlineData("progressive.jpg", 3)]
    [InlineData("icc.jpg", 3)] // The profile is left aside.
    [InlineData("icc.png", 0)]
    [InlineData("anim.gif", 0)] // The first of two frames; the second is black.
    [InlineData("anim.png", 0)]
    public async Task DecodePage_FileOfAnotherProgram_GivesItsPixels(string name, int tolerance) =>
        ShouldBeQuarters(await DecodeAsync(Copy(name)), tolerance);

    [Theory]
    [InlineData("anim.webp", "a WebP picture must not be animated")]
    [InlineData("pages.tif", "a TIFF must have one page; convert one with several to PDF")]
    public async Task DecodePage_SeveralPicturesThatAreNotRead_SaysSo(string name, string rule)
    {
        ContentException exception = await FailAsync(Copy(name));

        exception.Code.ShouldBe(ErrorCodes.UnsupportedMedia);
        exception.Message.ShouldContain(rule);
    }

    [Fact]
    public async Task DecodePage_OneBitAndPalette_GiveTheirPixels()
    {
        byte[] bits = PngBytes.Write(8, 1, 1, PngBytes.Gray, [0b1010_0011]);
        byte[] palette = PngBytes.Write(4, 1, 2, PngBytes.Palette, [0b0001_1011], ("PLTE", [255, 0, 0, 0, 255, 0, 0, 0, 255, 9, 8, 7]));

        (await DecodeAsync(_folder.Write("bits.png", bits))).Pixels.ToArray().Chunk(3).Select(pixel => pixel[0]).ShouldBe([255, 0, 255, 0, 0, 0, 255, 255]);
        (await DecodeAsync(_folder.Write("palette.png", palette))).Pixels.ToArray().ShouldBe([255, 0, 0, 0, 255, 0, 0, 0, 255, 9, 8, 7]);
    }

    [Fact]
    public async Task DecodePage_WrongExtension_IsReadByItsContent() =>
        ShouldBeQuarters(await DecodeAsync(_folder.Write("photo.jpg", PngBytes.Write(32, 16, 8, PngBytes.Rgb, PictureDecodingTests.Quarters()))), tolerance: 0);

    [Theory]
    [InlineData("")]
    [InlineData("\0\0\0\u0018ftypheic\0\0\0\0mif1heic")]
    [InlineData("\0\0\0\u0018ftypavif\0\0\0\0mif1avif")]
    [InlineData("<svg xmlns='http://www.w3.org/2000/svg'/>")]
    [InlineData("\0\0\0\u000cjP  \r\n\u0087\n")]
    public async Task DecodePage_EmptyFileOrUnknownKind_IsUnsupported(string content) =>
        (await FailAsync(_folder.Write("a.png", Encoding.Latin1.GetBytes(content)))).Code.ShouldBe(ErrorCodes.UnsupportedMedia);

    private SourceFile Copy(string name) =>
        _folder.Write(name, File.ReadAllBytes(Path.Combine(RepositoryPaths.Root, "tests", "Qwen3VL.Batch.Tests", "Media", "pictures", name)));

    private async Task<RgbImage> DecodeAsync(SourceFile source)
    {
        using DecodedPage page = await _folder.Decoder().DecodePageAsync(source, 1, Request, default);
        return page.Image;
    }

    private Task<ContentException> FailAsync(SourceFile source) =>
        Should.ThrowAsync<ContentException>(() => _folder.Decoder().DecodePageAsync(source, 1, Request, default));

    private static void ShouldBeQuarters(RgbImage image, int tolerance)
    {
        (image.Width, image.Height).ShouldBe((32, 16));
        image.Pixels.ToArray().Zip(PictureDecodingTests.Quarters(), (actual, expected) => Math.Abs(actual - expected)).Max().ShouldBeLessThanOrEqualTo(tolerance);
    }
}
