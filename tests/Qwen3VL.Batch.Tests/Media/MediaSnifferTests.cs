using System.Text;
using Qwen3VL.Batch.Media;
using Shouldly;
using Xunit;

namespace Qwen3VL.Batch.Tests.Media;

public sealed class MediaSnifferTests
{
    [Theory]
    [InlineData("PK\u0003\u0004")]
    [InlineData("PK\u0005\u0006")]
    [InlineData("PK\u0007\u0008")]
    [InlineData("\u001f\u008b\u0008")]
    [InlineData("BZh9")]
    [InlineData("\u00fd7zXZ\0")]
    [InlineData("7z\u00bc\u00af\u0027\u001c")]
    [InlineData("Rar!\u001a\u0007")]
    [InlineData("\u0028\u00b5\u002f\u00fd")]
    public void Sniff_ArchiveWithAPdfNearItsStart_IsNoPdf(string magic) =>
        MediaSniffer.Sniff([.. Encoding.Latin1.GetBytes(magic), .. new byte[40], .. PdfBytes.Write(1, 200, 100)]).ShouldBeNull();

    [Fact]
    public void Sniff_TarOfAPdf_IsNoPdf()
    {
        byte[] tar = [.. new byte[512], .. PdfBytes.Write(1, 200, 100)];
        "a.pdf"u8.CopyTo(tar);
        "ustar"u8.CopyTo(tar.AsSpan(257));

        MediaSniffer.Sniff(tar).ShouldBeNull();
    }

    [Fact]
    public void Sniff_PdfBehindOtherBytes_IsAPdf() =>
        MediaSniffer.Sniff([.. "HTTP/1.1 200 OK\r\n\r\n"u8, .. PdfBytes.Write(1, 200, 100)]).ShouldBe(MediaKind.Pdf);
}
