using Qwen3VL.Batch.Media.Fetching;
using Shouldly;
using Xunit;

namespace Qwen3VL.Batch.Tests.Media.Fetching;

public sealed class HostPatternTests
{
    [Theory]
    [InlineData("store.example.org", "https://store.example.org/a")]
    [InlineData("store.example.org", "http://STORE.example.ORG/a")]
    [InlineData("Store.Example.org", "https://store.example.org:443/a")]
    [InlineData("store.example.org:8443", "https://store.example.org:8443/a")]
    [InlineData("store.example.org:443", "https://store.example.org/a")]
    [InlineData("*.example.org", "https://a.example.org/")]
    [InlineData("*.example.org", "https://a.b.example.org/")]
    [InlineData("*.example.org:9000", "https://a.example.org:9000/")]
    [InlineData("bücher.example.org", "https://xn--bcher-kva.example.org/")]
    [InlineData("10.0.0.5:9000", "http://10.0.0.5:9000/")]
    [InlineData("127.0.0.1", "http://0x7f.0.0.1/")]
    [InlineData("[::1]:9000", "http://[::1]:9000/")]
    public void Matches_MeantHost_IsTrue(string pattern, string url) => Parse(pattern).Matches(new Uri(url)).ShouldBeTrue();

    [Theory]
    [InlineData("store.example.org", "https://store.example.org.evil.test/")]
    [InlineData("store.example.org", "https://evil-store.example.org/")]
    [InlineData("store.example.org", "https://a.store.example.org/")]
    [InlineData("store.example.org", "https://store.example.org:8443/")]
    [InlineData("store.example.org:8443", "https://store.example.org/")]
    [InlineData("*.example.org", "https://example.org/")]
    [InlineData("*.example.org", "https://evilexample.org/")]
    [InlineData("*.example.org", "https://a.example.org:8080/")]
    [InlineData("*.example.org", "https://a.example.org.evil.test/")]
    [InlineData("store.example.org", "https://store.example.org@evil.test/")]
    [InlineData("store.example.org", "http://store.example.org:443/")]
    public void Matches_AnyOther_IsFalse(string pattern, string url) => Parse(pattern).Matches(new Uri(url)).ShouldBeFalse();

    [Theory]
    [InlineData("")]
    [InlineData("*")]
    [InlineData("*.")]
    [InlineData("*.org")]
    [InlineData("*.*.example.org")]
    [InlineData("a*.example.org")]
    [InlineData("https://store.example.org")]
    [InlineData("store.example.org/path")]
    [InlineData("user@store.example.org")]
    [InlineData("store.example.org:99999")]
    [InlineData("store.example.org:http")]
    [InlineData("*.10.0.0.5")]
    [InlineData("::1")]
    [InlineData("a b")]
    [InlineData("a\n.example.org")]
    public void TryParse_Anything_ElseIsRefused(string pattern) => HostPattern.TryParse(pattern, out _).ShouldBeFalse();

    private static HostPattern Parse(string pattern)
    {
        HostPattern.TryParse(pattern, out HostPattern? parsed).ShouldBeTrue();
        return parsed.ShouldNotBeNull();
    }
}
