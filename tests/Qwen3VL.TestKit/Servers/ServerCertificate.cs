using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Qwen3VL.TestKit.Servers;

/// <summary>A certificate for loopback by an authority that exists for one test.</summary>
/// <param name="AuthorityPem">Certificate of the authority.</param>
/// <param name="CertificatePem">Certificate of the server.</param>
/// <param name="KeyPem">Its private key.</param>
public sealed record ServerCertificate(string AuthorityPem, string CertificatePem, string KeyPem)
{
    /// <summary>Makes an authority and a certificate by it.</summary>
    /// <param name="name">The host that the certificate is for.</param>
    /// <param name="issuerUrl">Where the certificate says that its authority's can be fetched; null: nowhere.</param>
    public static ServerCertificate Create(string name, string? issuerUrl = null)
    {
        DateTimeOffset from = TimeProvider.System.GetUtcNow().AddDays(-1);
        using var authorityKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var authority = new CertificateRequest("CN=authority of a test", authorityKey, HashAlgorithmName.SHA256);
        authority.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, false, 0, critical: true));
        using X509Certificate2 authorityCertificate = authority.CreateSelfSigned(from, from.AddDays(30));

        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var server = new CertificateRequest("CN=" + name, key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        if (IPAddress.TryParse(name, out IPAddress? address))
        {
            names.AddIpAddress(address);
        }
        else
        {
            names.AddDnsName(name);
        }

        server.CertificateExtensions.Add(names.Build());
        if (issuerUrl is not null)
        {
            server.CertificateExtensions.Add(new X509AuthorityInformationAccessExtension(ocspUris: null, caIssuersUris: [issuerUrl]));
        }

        using X509Certificate2 certificate = server.Create(authorityCertificate, from, from.AddDays(20), RandomNumberGenerator.GetBytes(8));
        return new ServerCertificate(authorityCertificate.ExportCertificatePem(), certificate.ExportCertificatePem(), key.ExportPkcs8PrivateKeyPem());
    }
}
