using System.Globalization;
using System.IO.Compression;
using System.Text;
using Qwen3VL.Batch.Jobs;
using Qwen3VL.Batch.Media;
using Qwen3VL.Engine;
using Qwen3VL.TestKit.Servers;
using Shouldly;
using Xunit;

namespace Qwen3VL.Batch.Tests.Media;

/// <summary>PDFs that want to do more than be read, or to be read for ever.</summary>
public sealed class HostilePdfTests : IDisposable
{
    private const string GreenSquare = "0 1 0 rg 0 0 50 50 re f";

    private static readonly PageRequest Request = new(144, 4096, 1 << 20, 32);

    private readonly MediaFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task DecodePage_LargestPageAtTheHighestResolution_StaysWithinThePixelBound()
    {
        SourceFile source = _folder.Write("a.pdf", PdfBytes.Write(1, 14_400, 14_400));

        using DecodedPage page = await _folder.Decoder().DecodePageAsync(source, 1, Request with { Dpi = 600 }, default);

        (page.Image.Width * page.Image.Height).ShouldBeLessThanOrEqualTo(Request.MaxPixels);
    }

    [Fact]
    public async Task DecodePage_ScriptsLaunchesAndLinks_AreNeitherRunNorFollowed()
    {
        string marker = _folder.PathOf("marker");
        await using var server = ScriptedHttpServer.Start(exchange => exchange.AnswerAsync(200, []));
        string url = string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{server.Port}/");
        string launch = $"<< /S /Launch /F (/bin/touch) /Unix << /F (/bin/touch) /P ({marker}) >> >>";
        string catalog = $"/OpenAction << /S /JavaScript /JS (app.launchURL\\('{url}'\\);) /Next {launch} >> /AA << /WC {launch} >> /URI << /Base ({url}) >> "
            + "/Names << /JavaScript << /Names [(a) << /S /JavaScript /JS (app.alert\\(1\\);) >>] >> /EmbeddedFiles << /Names [(a) 5 0 R] >> >>";
        string page = $"/AA << /O {launch} /C << /S /URI /URI ({url}) >> >> /Annots [<< /Type /Annot /Subtype /Link /Rect [0 0 200 100] /A << /S /URI /URI ({url}) >> >> "
            + $"<< /Type /Annot /Subtype /Widget /FT /Btn /Rect [0 0 10 10] /A {launch} >> "
            + $"<< /Type /Annot /Subtype /Movie /Rect [0 0 10 10] /Movie << /F ({url}a.mp4) /Poster true >> >>]";
        SourceFile source = _folder.Write("a.pdf", PdfBytes.OnePage(
            GreenSquare, page, catalog, "<< /Type /Filespec /F (a.sh) /EF << /F 6 0 R >> >>", $"<< /Type /EmbeddedFile /Length 14 >>\nstream\ntouch {marker}\nendstream"));

        using DecodedPage decoded = await _folder.Decoder().DecodePageAsync(source, 1, Request, default);

        LowerLeft(decoded.Image).ShouldBe((0, 255, 0));
        File.Exists(marker).ShouldBeFalse();
        server.Received.ShouldBeEmpty();
    }

    [Fact]
    public async Task DecodePage_ContentInOtherFiles_IsNotRead()
    {
        // An external stream (ISO 32000-1, 7.3.8.2), a picture in another file, and a reference to another document's page (8.10.4).
        await File.WriteAllTextAsync(_folder.PathOf("red.txt"), "1 0 0 rg 0 0 200 100 re f");
        _folder.Write("red.pdf", PdfBytes.OnePage("1 0 0 rg 0 0 200 100 re f"));
        string red = _folder.PathOf("red.txt");
        SourceFile source = _folder.Write("a.pdf", PdfBytes.OnePage(
            "/Ref Do /Img Do",
            "/Resources << /XObject << /Ref 5 0 R /Img 6 0 R >> >> /Contents [7 0 R 4 0 R]",
            "",
            $"<< /Type /XObject /Subtype /Form /BBox [0 0 200 100] /Ref << /F ({_folder.PathOf("red.pdf")}) /Page 0 >> /Length 0 >>\nstream\n\nendstream",
            $"<< /Type /XObject /Subtype /Image /Width 1 /Height 1 /ColorSpace /DeviceRGB /BitsPerComponent 8 /F ({red}) /Length 0 >>\nstream\n\nendstream",
            $"<< /F ({red}) /Length 0 >>\nstream\n\nendstream"));

        using DecodedPage decoded = await _folder.Decoder().DecodePageAsync(source, 1, Request, default);

        LowerLeft(decoded.Image).ShouldNotBe((255, 0, 0));
    }

    [Fact]
    public async Task DecodePage_FormsWithinFormsWithoutEnd_AreGivenUp()
    {
        // Ten forms that each draw the next one ten times: ten thousand million squares.
        string[] forms =
        [
            .. Enumerable.Range(0, 10).Select(level => Form(
                string.Concat(Enumerable.Repeat("/X Do ", 10)), $"/Resources << /XObject << /X {6 + level} 0 R >> >>")),
            Form(GreenSquare, ""),
        ];
        SourceFile source = _folder.Write("a.pdf", PdfBytes.OnePage("/X Do", "/Resources << /XObject << /X 5 0 R >> >>", "", forms));

        ContentException exception = await Should.ThrowAsync<ContentException>(
            () => MediaFolder.Decoder(_folder.Options with { ProcessTimeoutSeconds = 2 }).DecodePageAsync(source, 1, Request, default));

        exception.Code.ShouldBe(ErrorCodes.DecodeTimeout);
    }

    [Fact]
    public async Task DecodePage_FormThatDrawsItself_Ends()
    {
        SourceFile source = _folder.Write("a.pdf", PdfBytes.OnePage(
            GreenSquare + " /X Do", "/Resources << /XObject << /X 5 0 R >> >>", "", Form("/X Do /X Do", "/Resources << /XObject << /X 5 0 R >> >>")));

        await EndsAsync(source);
    }

    [Theory]
    [InlineData("[", "]")]
    [InlineData("<< /A ", " >>")]
    public async Task DecodePage_ObjectsNestedDeeply_End(string open, string close)
    {
        const int Depth = 200_000;
        string nested = string.Concat(Enumerable.Repeat(open, Depth)) + string.Concat(Enumerable.Repeat(close, Depth));

        await EndsAsync(_folder.Write("a.pdf", PdfBytes.OnePage(GreenSquare, "/Nested " + nested)));
    }

    [Theory]
    [InlineData("<< /Type /Pages /Count 2000000000 /Kids [3 0 R] >>")]
    [InlineData("<< /Type /Pages /Count 19999 /Kids [3 0 R] >>")]
    [InlineData("<< /Type /Pages /Count -5 /Kids [3 0 R] >>")]
    [InlineData("<< /Type /Pages /Count 3 /Kids [2 0 R 2 0 R 2 0 R] >>")]
    public async Task Probe_FalseNumberOfPages_StaysWithinTheLimit(string pages)
    {
        SourceFile source = _folder.Write("a.pdf", PdfBytes.Of(
            "<< /Type /Catalog /Pages 2 0 R >>", pages, "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 100] >>"));

        int count = 0;
        try
        {
            count = (await _folder.Decoder().ProbeAsync(source, default)).PageCount;
        }
        catch (ContentException exception)
        {
            exception.Code.ShouldBeOneOf(ErrorCodes.LimitExceeded, ErrorCodes.DecodeFailed);
        }

        count.ShouldBeLessThanOrEqualTo(_folder.Options.MaxPages);
        if (count > 1)
        {
            (await Should.ThrowAsync<ContentException>(() => _folder.Decoder().DecodePageAsync(source, count, Request, default))).Code.ShouldBe(ErrorCodes.DecodeFailed);
        }
    }

    [Fact]
    public async Task DecodePage_StreamThatUnpacksWithoutEnd_Ends()
    {
        using MemoryStream packed = new();
        using (ZLibStream zlib = new(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            byte[] spaces = Encoding.ASCII.GetBytes(new string(' ', 1 << 20));
            for (int i = 0; i < 500; i++)
            {
                zlib.Write(spaces);
            }
        }

        string content = Encoding.Latin1.GetString(packed.ToArray());
        SourceFile source = _folder.Write("a.pdf", PdfBytes.Of(
            "<< /Type /Catalog /Pages 2 0 R >>",
            "<< /Type /Pages /Count 1 /Kids [3 0 R] >>",
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 100] /Contents 4 0 R >>",
            $"<< /Length {content.Length} /Filter /FlateDecode >>\nstream\n{content}\nendstream"));

        await EndsAsync(source);
    }

    [Fact]
    public async Task DecodePage_PictureThatPromisesTooMuch_Ends()
    {
        SourceFile source = _folder.Write("a.pdf", PdfBytes.OnePage(
            "200 0 0 100 0 0 cm /X Do",
            "/Resources << /XObject << /X 5 0 R >> >>",
            "",
            "<< /Type /XObject /Subtype /Image /Width 200000 /Height 200000 /ColorSpace /DeviceRGB /BitsPerComponent 8 /Length 3 >>\nstream\nabc\nendstream"));

        await EndsAsync(source);
    }

    [Fact]
    public async Task DecodePage_RasterLargerThanTheMemoryLimit_ExceedsItAndMaySucceedSmaller()
    {
        // 64 million pixels of three bytes are more than 64 MiB, whatever the program needs beside them.
        SourceFile source = _folder.Write("a.pdf", PdfBytes.Write(1, 14_400, 14_400));
        MediaOptions options = _folder.Options with { ProcessMemoryMiB = 64 };

        ContentException exception = await Should.ThrowAsync<ContentException>(
            () => MediaFolder.Decoder(options).DecodePageAsync(source, 1, Request with { MaxPixels = 64_000_000, Dpi = 72 }, default));

        (exception.Code, exception.MaySucceedSmaller).ShouldBe((ErrorCodes.LimitExceeded, true));
        exception.Message.ShouldContain("Media:ProcessMemoryMiB");
    }

    private static string Form(string content, string entries) =>
        $"<< /Type /XObject /Subtype /Form /BBox [0 0 200 100] {entries} /Length {content.Length} >>\nstream\n{content}\nendstream";

    // A page or a failure of the file, soon: nothing that hangs, takes the memory, or looks like a defect of the worker.
    private async Task EndsAsync(SourceFile source)
    {
        MediaOptions options = _folder.Options with { ProcessTimeoutSeconds = 5, ProcessMemoryMiB = 1_024 };
        try
        {
            using DecodedPage page = await MediaFolder.Decoder(options).DecodePageAsync(source, 1, Request, default);
            page.Image.Width.ShouldBeGreaterThan(0);
        }
        catch (ContentException exception)
        {
            exception.Code.ShouldBeOneOf(ErrorCodes.DecodeFailed, ErrorCodes.DecodeTimeout, ErrorCodes.LimitExceeded);
            exception.Message.ShouldNotContain(_folder.Root);
        }
    }

    private static (int Red, int Green, int Blue) LowerLeft(RgbImage image)
    {
        ReadOnlySpan<byte> pixel = image.Pixels.Span.Slice((((image.Height - 8) * image.Width) + 8) * 3, 3);
        return (pixel[0], pixel[1], pixel[2]);
    }
}
