using System.IO.Compression;
using System.Text;
using Qwen3VL.Batch.Jobs;
using Qwen3VL.Batch.Media;
using Shouldly;
using Xunit;

namespace Qwen3VL.Batch.Tests.Media;

/// <summary>Small pictures that want to become large.</summary>
public sealed class HostilePictureTests : IDisposable
{
    private static readonly PageRequest Request = new(144, 4096, 1 << 20, 32);

    // 700 MB of one letter, in less than a thousandth of that.
    private static readonly Lazy<byte[]> Bomb = new(() => Unpacking(700));

    private readonly MediaFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("zTXt", "Comment\0\0")]
    [InlineData("iTXt", "Comment\0\u0001\0\0\0")]
    [InlineData("iCCP", "profile\0\0")]
    public async Task DecodePage_TextThatUnpacksWithoutEnd_StaysWithinTheMemoryLimit(string chunk, string head)
    {
        byte[] bomb = [.. Encoding.Latin1.GetBytes(head), .. Bomb.Value];
        SourceFile source = _folder.Write("a.png", PngBytes.Write(2, 2, 8, PngBytes.Gray, [0, 0, 0, 0], (chunk, bomb)));
        MediaOptions options = _folder.Options with { ProcessMemoryMiB = 1_024 };

        try
        {
            using DecodedPage page = await MediaFolder.Decoder(options).DecodePageAsync(source, 1, Request, default);
            page.Image.Width.ShouldBe(2);
        }
        catch (ContentException exception)
        {
            exception.Code.ShouldBeOneOf(ErrorCodes.DecodeFailed, ErrorCodes.LimitExceeded);
        }
    }

    [Fact]
    public async Task DecodePage_PictureLargerThanTheMemoryLimit_ExceedsIt()
    {
        // 36 million pixels of four bytes are more than 128 MiB, whatever the program needs beside them.
        const int Side = 6_000;
        SourceFile source = _folder.Write("a.png", PngBytes.Write(Side, Side, 8, PngBytes.Gray, new byte[Side * Side]));
        MediaOptions options = _folder.Options with { ProcessMemoryMiB = 128 };

        ContentException exception = await Should.ThrowAsync<ContentException>(
            () => MediaFolder.Decoder(options).DecodePageAsync(source, 1, Request, default));

        (exception.Code, exception.MaySucceedSmaller).ShouldBe((ErrorCodes.LimitExceeded, false));
        exception.Message.ShouldContain("Media:ProcessMemoryMiB");
    }

    [Fact]
    public async Task DecodePage_MoreRowsThanPromised_GiveThePromisedOnesOrFail()
    {
        // 4 x 4 in the header, data for 4 x 100,000 behind it.
        byte[] rows = new byte[400_000];
        byte[] large = PngBytes.Write(4, 100_000, 8, PngBytes.Gray, rows);
        byte[] small = PngBytes.Header(4, 4, 8, PngBytes.Gray);
        SourceFile source = _folder.Write("a.png", [.. small, .. large.AsSpan(small.Length)]);

        try
        {
            using DecodedPage page = await _folder.Decoder().DecodePageAsync(source, 1, Request, default);
            (page.Image.Width, page.Image.Height).ShouldBe((4, 4));
        }
        catch (ContentException exception)
        {
            exception.Code.ShouldBe(ErrorCodes.DecodeFailed);
        }
    }

    [Fact]
    public async Task DecodePage_GifOfManyFrames_IsItsFirst()
    {
        // A frame of one pixel: descriptor, code size, one block of codes (clear, 1, end), end of blocks.
        byte[] frame = [0x2C, 0, 0, 0, 0, 1, 0, 1, 0, 0, 2, 2, 0x4C, 1, 0];
        byte[] head = [.. "GIF89a"u8, 1, 0, 1, 0, 0x80, 0, 0, 0, 0, 0, 255, 255, 255];
        SourceFile source = _folder.Write("a.gif", [.. head, .. Enumerable.Repeat(frame, 200_000).SelectMany(bytes => bytes), 0x3B]);

        using DecodedPage page = await _folder.Decoder().DecodePageAsync(source, 1, Request, default);

        page.Image.Pixels.ToArray().ShouldBe([255, 255, 255]);
    }

    [Theory]
    [InlineData("a.gif", "GIF89a\u00ff\u00ff\u00ff\u00ff\0\0\0")]
    [InlineData("a.bmp", "BM\0\0\0\0\0\0\0\0\u0036\0\0\0\u0028\0\0\0\0\0\u0010\0\0\0\u0010\0\u0001\0\u0018\0")]
    [InlineData("a.jpg", "\u00ff\u00d8\u00ff\u00c0\0\u0011\u0008\u00ff\u00ff\u00ff\u00ff\u0003\u0001\u0011\0\u0002\u0011\0\u0003\u0011\0")]
    [InlineData("a.webp", "RIFF\u0020\0\0\0WEBPVP8X\u000a\0\0\0\0\0\0\0\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\0\0\0\0")]
    public async Task Probe_HeaderThatPromisesTooMuch_ExceedsTheLimitOfEveryKind(string name, string header)
    {
        SourceFile source = _folder.Write(name, Encoding.Latin1.GetBytes(header));

        ContentException exception = await Should.ThrowAsync<ContentException>(() => _folder.Decoder().ProbeAsync(source, default));

        exception.Code.ShouldBe(ErrorCodes.LimitExceeded);
    }

    [Theory]
    [InlineData("-i.png")]
    [InlineData("%03d.png")]
    [InlineData("http:x.png")]
    [InlineData("concat:a|b.png")]
    [InlineData("a'b,c;[d]$(touch x).png")]
    public async Task DecodePage_NameThatLooksLikeSomethingElse_IsJustAName(string name)
    {
        SourceFile source = _folder.Write(name, PngBytes.Write(1, 1, 8, PngBytes.Gray, [7]));

        using DecodedPage page = await _folder.Decoder().DecodePageAsync(source, 1, Request, default);

        page.Image.Pixels.ToArray().ShouldBe([7, 7, 7]);
    }

    private static byte[] Unpacking(int megabytes)
    {
        using MemoryStream packed = new();
        using (ZLibStream zlib = new(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            byte[] text = new byte[1 << 20];
            text.AsSpan().Fill((byte)'a');
            for (int i = 0; i < megabytes; i++)
            {
                zlib.Write(text);
            }
        }

        return packed.ToArray();
    }
}
