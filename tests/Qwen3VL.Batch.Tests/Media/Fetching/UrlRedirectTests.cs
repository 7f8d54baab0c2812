using Qwen3VL.Batch.Jobs;
using Qwen3VL.Batch.Media;
using Qwen3VL.TestKit.Servers;
using Shouldly;
using Xunit;

namespace Qwen3VL.Batch.Tests.Media.Fetching;

/// <summary>Every hop of a redirect is checked like the first.</summary>
public sealed class UrlRedirectTests
{
    private static readonly byte[] Content = "%PDF-1.7 content"u8.ToArray();

    [Theory]
    [InlineData(301)]
    [InlineData(302)]
    [InlineData(303)]
    [InlineData(307)]
    [InlineData(308)]
    public async Task Resolve_RedirectsWithinTheLimit_AreFollowed(int status)
    {
        await using UrlStore store = UrlStore.Start(exchange => exchange.Target switch
        {
            "/3" => exchange.AnswerAsync(200, Content),
            "/2" => exchange.RedirectAsync("3", status),
            "/1" => exchange.RedirectAsync($"//{UrlStore.Host}/2", status),
            _ => exchange.RedirectAsync($"http://{UrlStore.Host}/1", status),
        });

        using SourceFile file = await store.ResolveAsync();

        file.Sha256.ShouldBe(UrlStore.Hash(Content));
        store.Server.Received.Count.ShouldBe(4);
    }

    [Fact]
    public async Task Resolve_CircleOfRedirects_IsRefusedAtTheLimit()
    {
        await using UrlStore store = UrlStore.Start(exchange => exchange.RedirectAsync(UrlStore.Url("/again")));

        (await store.RefusedAsync(ErrorCodes.SourceRefused)).Message.ShouldContain("at most 3 redirects");

        store.Server.Received.Count.ShouldBe(4);
    }

    [Theory]
    [InlineData("http://other.example.org/a")]
    [InlineData("http://store.example.org:8080/a")]
    [InlineData("http://user:password@store.example.org/a")]
    [InlineData("ftp://store.example.org/a")]
    [InlineData("file:///etc/passwd")]
    [InlineData("javascript:alert(1)")]
    [InlineData("http://127.0.0.1/a")]
    [InlineData("http://169.254.169.254/latest/meta-data")]
    [InlineData("http://[::1]/a")]
    [InlineData("")]
    public async Task Resolve_RedirectAgainstTheRules_IsRefused(string location)
    {
        await using UrlStore store = UrlStore.Start(exchange => exchange.RedirectAsync(location));

        (await store.RefusedAsync(ErrorCodes.SourceRefused)).Message.ShouldNotContain("password");

        store.Network.Connections.Count.ShouldBe(1);
    }

    [Fact]
    public async Task Resolve_RedirectToAnAllowedNameOfAPrivateAddress_IsRefusedWithoutAConnection()
    {
        await using var inside = ScriptedHttpServer.Start(exchange => exchange.AnswerAsync(200, Content));
        await using UrlStore store = UrlStore.Start(
            exchange => exchange.RedirectAsync("http://inside.example.org/admin"), options => options with { AllowedHosts = ["*.example.org"] });
        store.Network.Name("inside.example.org", "10.0.0.5").Serve("10.0.0.5", inside.Port);

        await store.RefusedAsync(ErrorCodes.SourceRefused);

        inside.Received.ShouldBeEmpty();
        store.Network.Connections.Count.ShouldBe(1);
    }

    [Fact]
    public async Task Resolve_RedirectsForbidden_RefusesTheFirst()
    {
        await using UrlStore store = UrlStore.Start(exchange => exchange.RedirectAsync("/b"), options => options with { MaxRedirects = 0 });

        await store.RefusedAsync(ErrorCodes.SourceRefused);

        store.Server.Received.Count.ShouldBe(1);
    }
}
