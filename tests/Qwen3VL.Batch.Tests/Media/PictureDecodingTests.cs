using Qwen3VL.Batch.Jobs;
using Qwen3VL.Batch.Media;
using Qwen3VL.Engine;
using Shouldly;
using Xunit;

namespace Qwen3VL.Batch.Tests.Media;

public sealed class PictureDecodingTests : IDisposable
{
    private static readonly PageRequest Request = new(144, 4096, 1 << 20, 32);

    private readonly MediaFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>A stored picture of 32x16 whose quarters are, from the upper left: red, green, blue, white.</summary>
    public static byte[] Quarters()
    {
        byte[] samples = new byte[32 * 16 * 3];
        for (int i = 0; i < 32 * 16; i++)
        {
            bool right = i % 32 >= 16;
            bool bottom = i / 32 >= 8;
            (samples[i * 3], samples[(i * 3) + 1], samples[(i * 3) + 2]) = (right, bottom) switch
            {
                (false, false) => ((byte)255, (byte)0, (byte)0),
                (true, false) => ((byte)0, (byte)255, (byte)0),
                (false, true) => ((byte)0, (byte)0, (byte)255),
                _ => ((byte)255, (byte)255, (byte)255),
            };
        }

        return samples;
    }

    [Theory]
    [InlineData(1, "RGBW", 0)]
    [InlineData(2, "GRWB", 0)]
    [InlineData(3, "WBGR", 180)]
    [InlineData(4, "BWRG", 180)]
    [InlineData(5, "RBGW", 270)]
    [InlineData(6, "BRWG", 90)]
    [InlineData(7, "WGBR", 90)]
    [InlineData(8, "GWRB", 270)]
    public async Task DecodePage_ExifOrientation_MakesEveryKindUpright(int orientation, string upright, int degrees)
    {
        byte[] exif = TiffBytes.Exif(orientation);
        _folder.Write("plain.png", PngBytes.Write(32, 16, 8, PngBytes.Rgb, Quarters()));
        _folder.Run("ffmpeg", "-v", "error", "-i", "plain.png", "-q:v", "1", "-pix_fmt", "yuvj444p", "plain.jpg");
        byte[] jpeg = await File.ReadAllBytesAsync(_folder.PathOf("plain.jpg"));
        byte[] app1 = [0xFF, 0xE1, 0, (byte)(2 + 6 + exif.Length), .. "Exif\0\0"u8, .. exif];
        SourceFile[] sources =
        [
            _folder.Write("a.jpg", [.. jpeg[..2], .. app1, .. jpeg[2..]]),
            _folder.Write("a.png", PngBytes.Write(32, 16, 8, PngBytes.Rgb, Quarters(), ("eXIf", exif))),
            _folder.Write("a.tif", TiffBytes.Rgb(32, 16, Quarters(), orientation)),
        ];

        foreach (SourceFile source in sources)
        {
            DecodedPage page = await _folder.Decoder().DecodePageAsync(source, 1, Request, default);
            MediaInfo info = await _folder.Decoder().ProbeAsync(source, default);

            ReadQuarters(page.Image).ShouldBe(upright, source.DisplayName);
            page.RotationDegrees.ShouldBe(degrees, source.DisplayName);
            (page.Image.Width, page.Image.Height).ShouldBe(orientation >= 5 ? (16, 32) : (32, 16), source.DisplayName);
            (info.Width, info.Height).ShouldBe((page.Image.Width, page.Image.Height), source.DisplayName);
        }
    }

    [Fact]
    public async Task DecodePage_TransparentPng_LiesOnWhite()
    {
        byte[] rgba = [100, 0, 200, 255, 100, 0, 200, 128, 100, 0, 200, 0];
        byte[] grayAlpha = [50, 255, 50, 128, 50, 0];
        byte[] palette = [10, 20, 30, 200, 100, 0];

        (await DecodeAsync(PngBytes.Write(3, 1, 8, PngBytes.Rgba, rgba))).ShouldBe([100, 0, 200, 177, 127, 227, 255, 255, 255]);
        (await DecodeAsync(PngBytes.Write(3, 1, 8, PngBytes.GrayAlpha, grayAlpha))).ShouldBe([50, 50, 50, 152, 152, 152, 255, 255, 255]);
        (await DecodeAsync(PngBytes.Write(2, 1, 8, PngBytes.Palette, [0, 1], ("PLTE", palette), ("tRNS", [255, 0])))).ShouldBe([10, 20, 30, 255, 255, 255]);
    }

    [Fact]
    public async Task DecodePage_SixteenBits_KeepsTheWholeRange()
    {
        byte[] gray = [0x00, 0x00, 0x80, 0x80, 0xFF, 0xFF, 0x01, 0x81];
        byte[] rgb = [0xFF, 0xFF, 0x40, 0x40, 0x00, 0x00];
        byte[] rgba = [0x00, 0x00, 0x80, 0x80, 0xFF, 0xFF, 0x80, 0x80];

        (await DecodeAsync(PngBytes.Write(4, 1, 16, PngBytes.Gray, gray))).ShouldBe([0, 0, 0, 128, 128, 128, 255, 255, 255, 1, 1, 1]);
        (await DecodeAsync(PngBytes.Write(1, 1, 16, PngBytes.Rgb, rgb))).ShouldBe([255, 64, 0]);
        (await DecodeAsync(PngBytes.Write(1, 1, 16, PngBytes.Rgba, rgba))).ShouldBe([127, 191, 255]);
    }

    [Theory]
    [InlineData("a.gif", "image/gif", 3)] // The encoder's palette is fixed.
    [InlineData("a.bmp", "image/bmp", 0)]
    [InlineData("a.webp", "image/webp", 0)]
    [InlineData("a.tif", "image/tiff", 0)]
    [InlineData("a.jpg", "image/jpeg", 3)]
    public async Task DecodePage_EachFormat_GivesItsPixels(string name, string mediaType, int tolerance)
    {
        _folder.Write("plain.png", PngBytes.Write(32, 16, 8, PngBytes.Rgb, Quarters()));
        string[] encoder = name switch
        {
            "a.webp" => ["-c:v", "libwebp", "-lossless", "1"],
            "a.jpg" => ["-q:v", "1", "-pix_fmt", "yuvj444p"],
            _ => [],
        };
        _folder.Run("ffmpeg", ["-v", "error", "-i", "plain.png", .. encoder, name]);

        DecodedPage page = await _folder.Decoder().DecodePageAsync(_folder.Source(name), 1, Request, default);
        MediaInfo info = await _folder.Decoder().ProbeAsync(_folder.Source(name), default);

        info.ShouldBe(new MediaInfo(mediaType, 1, 0, 32, 16));
        byte[] expected = Quarters();
        byte[] actual = page.Image.Pixels.ToArray();
        actual.Length.ShouldBe(expected.Length);
        actual.Zip(expected, (a, b) => Math.Abs(a - b)).Max().ShouldBeLessThanOrEqualTo(tolerance);
        (page.WidthPoints, page.HeightPoints).ShouldBe((0, 0));
    }

    [Fact]
    public async Task DecodePage_GrayAndOddSubsampledJpeg_GivesItsPixels()
    {
        _folder.Write("gray.png", PngBytes.Write(31, 17, 8, PngBytes.Gray, [.. Enumerable.Repeat((byte)77, 31 * 17)]));
        _folder.Run("ffmpeg", "-v", "error", "-i", "gray.png", "-q:v", "1", "-pix_fmt", "gray", "gray.jpg");
        _folder.Run("ffmpeg", "-v", "error", "-i", "gray.png", "-q:v", "1", "-pix_fmt", "yuvj420p", "odd.jpg");

        foreach (string name in (string[])["gray.jpg", "odd.jpg"])
        {
            RgbImage image = (await _folder.Decoder().DecodePageAsync(_folder.Source(name), 1, Request, default)).Image;
            (image.Width, image.Height).ShouldBe((31, 17));
            image.Pixels.ToArray().ShouldAllBe(value => Math.Abs(value - 77) <= 2);
        }
    }

    [Theory]
    [InlineData(100_000, 100_000, ErrorCodes.LimitExceeded)]
    [InlineData(int.MaxValue, int.MaxValue, ErrorCodes.LimitExceeded)]
    [InlineData(0, 10, ErrorCodes.DecodeFailed)]
    [InlineData(-1, 10, ErrorCodes.DecodeFailed)]
    public async Task DecodePage_HeaderThatPromisesTooMuch_IsRefusedByItsHeader(int width, int height, string code)
    {
        SourceFile source = _folder.Write("bomb.png", [.. PngBytes.Header(width, height, 8, PngBytes.Rgb), .. new byte[64]]);

        (await FailAsync(source)).Code.ShouldBe(code);
        (await Should.ThrowAsync<ContentException>(() => _folder.Decoder().ProbeAsync(source, default))).Code.ShouldBe(code);
    }

    [Fact]
    public async Task DecodePage_CutFile_Fails()
    {
        _folder.Run("ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc2=s=320x240", "-frames:v", "1", "whole.png");
        _folder.Run("ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc2=s=320x240", "-frames:v", "1", "whole.jpg");
        _folder.Run("ffmpeg", "-v", "error", "-i", "whole.png", "whole.tif");
        foreach (string name in (string[])["whole.png", "whole.jpg", "whole.tif"])
        {
            byte[] whole = await File.ReadAllBytesAsync(_folder.PathOf(name));
            foreach (double part in (double[])[0.9, 0.5, 0.05])
            {
                SourceFile source = _folder.Write("cut", whole[..(int)(whole.Length * part)]);

                (await FailAsync(source)).Code.ShouldBe(ErrorCodes.DecodeFailed, $"{name} {part}");
            }
        }
    }

    [Fact]
    public async Task DecodePage_TiffThatIsReadWrongly_IsUnsupported()
    {
        SourceFile jpeg = _folder.Write("jpeg.tif", TiffBytes.Rgb(32, 16, Quarters(), compression: 7));
        SourceFile pages = _folder.Write("pages.tif", TiffBytes.Rgb(32, 16, Quarters(), nextOffset: 8));

        (await FailAsync(jpeg)).Code.ShouldBe(ErrorCodes.UnsupportedMedia);
        (await FailAsync(pages)).Code.ShouldBe(ErrorCodes.UnsupportedMedia);
    }

    [Fact]
    public async Task DecodePage_SecondPageOfPicture_Fails()
    {
        SourceFile source = _folder.Write("a.png", PngBytes.Write(32, 16, 8, PngBytes.Rgb, Quarters()));

        ContentException exception = await Should.ThrowAsync<ContentException>(() => _folder.Decoder().DecodePageAsync(source, 2, Request, default));

        exception.Code.ShouldBe(ErrorCodes.DecodeFailed);
    }

    private async Task<byte[]> DecodeAsync(byte[] file) =>
        (await _folder.Decoder().DecodePageAsync(_folder.Write("a.png", file), 1, Request, default)).Image.Pixels.ToArray();

    private async Task<ContentException> FailAsync(SourceFile source)
    {
        ContentException exception = await Should.ThrowAsync<ContentException>(() => _folder.Decoder().DecodePageAsync(source, 1, Request, default));
        exception.Message.ShouldNotContain(_folder.Root);
        return exception;
    }

    private static string ReadQuarters(RgbImage image)
    {
        char At(int x, int y)
        {
            int at = ((y * image.Width) + x) * 3;
            ReadOnlySpan<byte> pixel = image.Pixels.Span.Slice(at, 3);
            return (pixel[0] > 128, pixel[1] > 128, pixel[2] > 128) switch
            {
                (true, false, false) => 'R',
                (false, true, false) => 'G',
                (false, false, true) => 'B',
                (true, true, true) => 'W',
                _ => '?',
            };
        }

        int left = image.Width / 4;
        int top = image.Height / 4;
        return new string([At(left, top), At(3 * left, top), At(left, 3 * top), At(3 * left, 3 * top)]);
    }
}
