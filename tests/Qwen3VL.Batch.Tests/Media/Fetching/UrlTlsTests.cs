using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Qwen3VL.Batch.Contracts.V1;
using Qwen3VL.Batch.Jobs;
using Qwen3VL.Batch.Media;
using Qwen3VL.Batch.Media.Fetching;
using Qwen3VL.TestKit.Servers;
using Shouldly;
using Xunit;

namespace Qwen3VL.Batch.Tests.Media.Fetching;

public sealed class UrlTlsTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    // RFC 8446, sections 5.1 and 6: a fatal alert, as of a balancer without its backend. No word about certificates.
    private static readonly byte[] InternalErrorAlert = [21, 3, 3, 0, 2, 2, 80];
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

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Resolve_CertificateThatNamesAPlaceOfItsIssuer_AsksNobodyThere(bool ownRoots)
    {
        await using var elsewhere = ScriptedHttpServer.Start(exchange => exchange.AnswerAsync(404, Content));
        using X509Certificate2 certificate = CertificateOfUnknownIssuer(UrlStore.Host, $"http://127.0.0.1:{elsewhere.Port}/issuer.cer");
        await using UrlStore store = UrlStore.Start(exchange => exchange.AnswerAsync(200, Content), certificate: certificate);
        using X509Certificate2 root = Certificate("root.example.org");
        using UrlSources sources = new(store.Options, store.Network, store.Time, ownRoots ? [root] : null);

        ContentException exception = await Should.ThrowAsync<ContentException>(
            () => sources.ResolveAsync(new JobSource { Uri = UrlStore.Url(scheme: "https") }, null, default).WaitAsync(Patience));

        exception.Code.ShouldBe(ErrorCodes.SourceRefused);
        elsewhere.Received.ShouldBeEmpty();
    }

    [Fact]
    public async Task Resolve_ServerThatBreaksTheHandshakeOff_IsUnavailable()
    {
        await using UrlStore store = UrlStore.Start(exchange => exchange.AnswerAsync(200, Content));
        using TcpListener balancer = new(IPAddress.Loopback, 0);
        balancer.Start();
        store.Network.Serve(UrlStore.Address, ((IPEndPoint)balancer.LocalEndpoint).Port);

        Task<SourceUnavailableException> fetch = store.UnavailableAsync(UrlStore.Url(scheme: "https"));
        using (TcpClient client = await balancer.AcceptTcpClientAsync())
        {
            _ = await client.GetStream().ReadAsync(new byte[4_096]);
            await client.GetStream().WriteAsync(InternalErrorAlert);
        }

        (await fetch.WaitAsync(Patience)).Message.ShouldContain("must answer");
    }

    private static X509Certificate2 CertificateOfUnknownIssuer(string host, string issuerUrl)
    {
        using var issuerKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest issuing = new("CN=issuer", issuerKey, HashAlgorithmName.SHA256);
        issuing.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, false, 0, critical: true));
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        using X509Certificate2 issuer = issuing.CreateSelfSigned(now.AddDays(-1), now.AddDays(2));
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new($"CN={host}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509AuthorityInformationAccessExtension(ocspUris: null, caIssuersUris: [issuerUrl]));
        using X509Certificate2 leaf = request.Create(issuer, now.AddDays(-1), now.AddDays(1), [1, 2, 3, 4]);
        return leaf.CopyWithPrivateKey(key);
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
