using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Qwen3VL.Batch.Contracts.V1;
using Qwen3VL.Batch.Jobs;
using Qwen3VL.Batch.Media;
using Qwen3VL.Batch.Media.Fetching;
using Shouldly;
using Xunit;

namespace Qwen3VL.Batch.Tests.Media.Fetching;

public sealed class UrlTlsTests
{
    private static readonly byte[] Content = "%PDF-1.7 content"u8.ToArray();

    [Fact]
    public async Task Resolve_TrustedCertificate_IsServed()
    {
        using X509Certificate2 certificate = Certificate(UrlStore.Host);
        await using UrlStore store = UrlStore.Start(exchange => exchange.AnswerAsync(200, Content), certificate: certificate);

        using SourceFile file = await store.ResolveAsync(UrlStore.Url(scheme: "https"));

        (file.Sha256, file.DisplayName).ShouldBe((UrlStore.Hash(Content), "https://store.example.org"));
    }

    [Fact]
    public async Task Resolve_RedirectFromHttpsToHttp_IsRefused()
    {
        using X509Certificate2 certificate = Certificate(UrlStore.Host);
        await using UrlStore store = UrlStore.Start(exchange => exchange.RedirectAsync(UrlStore.Url(scheme: "http")), certificate: certificate);

        (await store.RefusedAsync(ErrorCodes.SourceRefused, UrlStore.Url(scheme: "https"))).Message.ShouldContain("must not leave https");

        store.Network.Connections.Count.ShouldBe(1);
    }

    [Fact]
    public async Task Resolve_CertificateOfAnotherHost_IsRefused()
    {
        using X509Certificate2 certificate = Certificate("other.example.org");
        await using UrlStore store = UrlStore.Start(exchange => exchange.AnswerAsync(200, Content), certificate: certificate);

        (await store.RefusedAsync(ErrorCodes.SourceRefused, UrlStore.Url(scheme: "https"))).Message.ShouldContain("certificate");

        store.Server.Received.ShouldBeEmpty();
    }

    [Fact]
    public async Task Resolve_CertificateThatNobodyVouchesFor_IsRefused()
    {
        using X509Certificate2 certificate = Certificate(UrlStore.Host);
        await using UrlStore store = UrlStore.Start(exchange => exchange.AnswerAsync(200, Content), certificate: certificate);
        using UrlSources sources = new(store.Options, store.Network, store.Time);

        ContentException exception = await Should.ThrowAsync<ContentException>(
            () => sources.ResolveAsync(new JobSource { Uri = UrlStore.Url(scheme: "https") }, null, default));

        exception.Code.ShouldBe(ErrorCodes.SourceRefused);
        store.Server.Received.ShouldBeEmpty();
    }

    private static X509Certificate2 Certificate(string host)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new($"CN={host}", key, HashAlgorithmName.SHA256);
        SubjectAlternativeNameBuilder names = new();
        names.AddDnsName(host);
        request.CertificateExtensions.Add(names.Build());

        // The chain is checked by the machine's clock, whatever the test's says.
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        return request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
    }
}
