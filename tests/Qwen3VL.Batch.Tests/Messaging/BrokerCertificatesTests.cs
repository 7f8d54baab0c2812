using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Qwen3VL.Batch.Messaging;
using Qwen3VL.TestKit.Servers;
using Shouldly;
using Xunit;

namespace Qwen3VL.Batch.Tests.Messaging;

public sealed class BrokerCertificatesTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("qwen3vl-broker-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Accepts_CertificateThatNamesAPlaceOfItsIssuer_AsksNobodyThere()
    {
        await using var elsewhere = ScriptedHttpServer.Start(exchange => exchange.AnswerAsync(404, []));
        ServerCertificate certificate = ServerCertificate.Create("127.0.0.1", $"http://127.0.0.1:{elsewhere.Port}/issuer.cer");
        using var leaf = X509Certificate2.CreateFromPem(certificate.CertificatePem);

        Load(certificate.AuthorityPem).Accepts(leaf, presented: null, SslPolicyErrors.RemoteCertificateChainErrors).ShouldBeTrue();

        // Of another name than the issuer: one of the same name ends the search.
        Load(ServerCertificate.Create("other.example.org").CertificatePem).Accepts(leaf, presented: null, SslPolicyErrors.RemoteCertificateChainErrors).ShouldBeFalse();

        elsewhere.Received.ShouldBeEmpty();
    }

    private BrokerCertificates Load(string authority)
    {
        string path = Path.Combine(_folder, "authority.pem");
        File.WriteAllText(path, authority);
        return BrokerCertificates.Load(new BrokerOptions { CaFile = path });
    }
}
