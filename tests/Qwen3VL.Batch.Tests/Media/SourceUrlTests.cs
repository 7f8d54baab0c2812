using Qwen3VL.Batch.Media;
using Shouldly;
using Xunit;

namespace Qwen3VL.Batch.Tests.Media;

public sealed class SourceUrlTests
{
    [Theory]
    [InlineData("""{"source":{"uri":"https://h/a.pdf?X-Sig=s3cret&e=1"},"key":"k"}""", """{"source":{"uri":"https://h/a.pdf?..."},"key":"k"}""")]
    [InlineData("HTTP://h?s3cret and http://h/b?s3cret.", "HTTP://h?... and http://h/b?...")]
    [InlineData("no URL? none", "no URL? none")]
    public void HideQueries_TextWithUrls_KeepsAllButTheQueries(string text, string expected) => SourceUrl.HideQueries(text).ShouldBe(expected);

    [Theory]
    [InlineData("https://user:password@store.example.org:8443/a/b%20c.pdf?sig=secret#frag", "https://store.example.org:8443/a/b%20c.pdf")]
    [InlineData("http://store.example.org", "http://store.example.org/")]
    [InlineData("https://user:password@", "https://...")]
    [InlineData("invoices/a.pdf", "invoices/a.pdf")]
    [InlineData("file:///srv/a.pdf?x", "file:///srv/a.pdf?x")]
    public void Display_Source_HoldsNoKey(string source, string shown) => SourceUrl.Display(source).ShouldBe(shown);

    [Theory]
    [InlineData("https://store.example.org/a?b=c@d")]
    [InlineData("HTTP://store.example.org:81")]
    public void TryParse_PlainUrl_IsRead(string source) => SourceUrl.TryParse(source, out _).ShouldBeTrue();

    [Theory]
    [InlineData("https://user@store.example.org/")]
    [InlineData("https://@store.example.org/")]
    [InlineData("https://store.example.org/#x")]
    [InlineData("https://store.example.org/a b")]
    [InlineData("https://store.example.org/a\tb")]
    [InlineData("https://")]
    [InlineData("ftp://store.example.org/")]
    [InlineData(" https://store.example.org/")]
    public void TryParse_AnythingElse_IsRefused(string source) => SourceUrl.TryParse(source, out _).ShouldBeFalse();

    [Fact]
    public void TryParse_HostThatNoNameMayHave_IsRefusedAndShownWithoutIt()
    {
        // The parser takes it; only asking for the name that goes into DNS tells.
        string source = "https://a\ud800b.example.org/?sig=secret";

        SourceUrl.TryParse(source, out _).ShouldBeFalse();
        SourceUrl.Display(source).ShouldBe("https://...");
    }
}
