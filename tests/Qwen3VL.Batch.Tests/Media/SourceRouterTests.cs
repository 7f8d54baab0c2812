using Qwen3VL.Batch.Contracts.V1;
using Qwen3VL.Batch.Jobs;
using Qwen3VL.Batch.Media;
using Qwen3VL.TestKit.Servers;
using Shouldly;
using Xunit;

namespace Qwen3VL.Batch.Tests.Media;

public sealed class SourceRouterTests : IDisposable
{
    private readonly MediaFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("http://example.org/a.pdf?sig=secret")]
    [InlineData("HTTPS://user:secret@example.org/a.pdf")]
    public async Task Resolve_UrlByDefault_IsRefused(string url)
    {
        using SourceRouter router = new(_folder.Options, TimeProvider.System);

        ContentException exception = await Should.ThrowAsync<ContentException>(() => router.ResolveAsync(new JobSource { Uri = url }, null, default));

        exception.Code.ShouldBe(ErrorCodes.SourceRefused);
        exception.Message.ShouldContain("Media:AllowedHosts");
        exception.Message.ShouldNotContain("secret");
    }

    [Fact]
    public async Task Resolve_FilesAndUrls_GoToWhoServesThem()
    {
        await using var server = ScriptedHttpServer.Start(exchange => exchange.AnswerAsync(200, "abc"u8.ToArray()));
        _folder.Write("a.pdf", [1, 2]);
        using SourceRouter router = new(
            _folder.Options with { AllowedHosts = [$"127.0.0.1:{server.Port}"], AllowedSchemes = ["http"], AllowPrivateAddresses = true }, TimeProvider.System);

        using SourceFile file = await router.ResolveAsync(new JobSource { Uri = "a.pdf" }, null, default);
        using SourceFile url = await router.ResolveAsync(new JobSource { Uri = $"http://127.0.0.1:{server.Port}/b.pdf" }, null, default);

        (file.SizeBytes, url.SizeBytes).ShouldBe((2, 3));
    }

    [Theory]
    [InlineData("ftp://example.org/a.pdf")]
    [InlineData("s3://bucket/a.pdf")]
    [InlineData("data:application/pdf;base64,AAAA")]
    public async Task Resolve_OtherScheme_IsRefusedOrMissing(string uri)
    {
        using SourceRouter router = new(_folder.Options with { AllowedHosts = ["example.org"] }, TimeProvider.System);

        ContentException exception = await Should.ThrowAsync<ContentException>(() => router.ResolveAsync(new JobSource { Uri = uri }, null, default));

        exception.Code.ShouldBeOneOf(ErrorCodes.SourceRefused, ErrorCodes.SourceNotFound);
    }
}
