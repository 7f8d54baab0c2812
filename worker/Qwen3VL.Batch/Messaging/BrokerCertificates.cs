using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Qwen3VL.Batch.Messaging;

/// <summary>Certificates of a TLS connection to the broker, read from PEM files. Owner: whoever made it, for as long as connections are opened.</summary>
internal sealed class BrokerCertificates
{
    private readonly X509Certificate2Collection _authorities = [];

    private BrokerCertificates()
    {
    }

    /// <summary>This client's certificate with its key; empty when there is none.</summary>
    public X509Certificate2Collection Client { get; } = [];

    /// <summary>Reads the files that the options name.</summary>
    /// <exception cref="BrokerException">A file cannot be read or holds no certificate.</exception>
    public static BrokerCertificates Load(BrokerOptions options)
    {
        var certificates = new BrokerCertificates();
        try
        {
            if (options.CaFile.Length > 0)
            {
                certificates._authorities.ImportFromPemFile(options.CaFile);
            }

            if (options.CertificateFile.Length > 0)
            {
                using var pem = X509Certificate2.CreateFromPemFile(options.CertificateFile, options.KeyFile.Length > 0 ? options.KeyFile : null);

                // A key that exists in memory only cannot be used by every platform's TLS; through PKCS #12 it can.
                certificates.Client.Add(X509CertificateLoader.LoadPkcs12(pem.Export(X509ContentType.Pkcs12), null));
            }
        }
        catch (Exception exception) when (exception is CryptographicException or IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new BrokerException("Broker:CaFile, Broker:CertificateFile and Broker:KeyFile must be PEM files that can be read; one cannot", exception);
        }

        return options.CaFile.Length > 0 && certificates._authorities.Count == 0
            ? throw new BrokerException("Broker:CaFile must hold at least one certificate; it holds none")
            : certificates;
    }

    /// <summary>
    /// Whether the broker's certificate is good: of the right name, in its time, and signed by one of the authorities given, or by one that the
    /// system trusts when none is given.
    /// </summary>
    public bool Accepts(X509Certificate? certificate, X509Chain? presented, SslPolicyErrors errors)
    {
        if (_authorities.Count == 0 || errors == SslPolicyErrors.None)
        {
            // With authorities of its own, an answer that only the system's trust made good is not good enough.
            return errors == SslPolicyErrors.None && (_authorities.Count == 0 || IsSigned(certificate, presented));
        }

        return errors == SslPolicyErrors.RemoteCertificateChainErrors && IsSigned(certificate, presented);
    }

    private bool IsSigned(X509Certificate? certificate, X509Chain? presented)
    {
        if (certificate is not X509Certificate2 leaf)
        {
            return false;
        }

        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(_authorities);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;

        // Nothing is fetched from where a certificate that nobody vouches for says.
        chain.ChainPolicy.DisableCertificateDownloads = true;
        if (presented is not null)
        {
            chain.ChainPolicy.ExtraStore.AddRange(presented.ChainElements.Select(element => element.Certificate).ToArray());
        }

        return chain.Build(leaf);
    }
}
