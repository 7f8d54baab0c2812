using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Qwen3VL.Batch.Contracts.V1;
using Qwen3VL.Batch.Media;
using Qwen3VL.Batch.Media.Fetching;
using Qwen3VL.TestKit;
using Qwen3VL.TestKit.Servers;
using Shouldly;

namespace Qwen3VL.Batch.Tests.Media.Fetching;

/// <summary>
/// A store of files at a public address, as far as the product can tell: <c>store.example.org</c> resolves to one, behind which a loopback server of the
/// test's stands. All URLs carry a signature that no message may repeat.
/// </summary>
internal sealed class UrlStore : IAsyncDisposable
{
    public const string Host = "store.example.org";
    public const string Address = "93.184.216.34";
    public const string Signature = "top-secret-signature";

    private readonly string _parent = Directory.CreateTempSubdirectory("qwen3vl-urls-").FullName;
    private readonly Lazy<UrlSources> _sources;

    private UrlStore(ScriptedHttpServer server, Func<MediaOptions, MediaOptions> configure, X509Certificate2Collection? trustedRoots)
    {
        Server = server;
        Network = new FakeNetwork().Name(Host, Address).Serve(Address, server.Port);
        Options = configure(new MediaOptions { AllowedHosts = [Host], AllowedSchemes = ["http", "https"], FetchFolder = _parent, FetchCacheMiB = 64 });
        _sources = new Lazy<UrlSources>(() => new UrlSources(Options, Network, Time, trustedRoots));
    }

    public ScriptedHttpServer Server { get; }

    public FakeNetwork Network { get; }

    public MediaOptions Options { get; }

    public ManualTime Time { get; } = new();

    public UrlSources Sources => _sources.Value;

    /// <summary>Files that lie in the folder, whole or not.</summary>
    public string[] Files => [.. Directory.EnumerateFiles(Sources.FolderPath).Select(Path.GetFileName).OfType<string>().Where(name => name != "lock")];

    public static UrlStore Start(Func<ScriptedExchange, Task> answer, Func<MediaOptions, MediaOptions>? configure = null, X509Certificate2? certificate = null) =>
        new(
            ScriptedHttpServer.Start(answer, certificate),
            configure ?? (options => options),
            certificate is null ? null : [X509CertificateLoader.LoadCertificate(certificate.RawData)]);

    public static string Url(string path = "/a.pdf", string scheme = "http", string host = Host) => $"{scheme}://{host}{path}?sig={Signature}";

    public static string Hash(byte[] content) => Convert.ToHexStringLower(SHA256.HashData(content));

    public Task<SourceFile> ResolveAsync(string? url = null, string? sha256 = null, CancellationToken cancellationToken = default) =>
        Sources.ResolveAsync(new JobSource { Uri = url ?? Url() }, sha256, cancellationToken);

    /// <summary>The source is at fault, or not to be had; either way nothing is kept and no secret is told.</summary>
    public async Task<ContentException> RefusedAsync(string code, string? url = null, string? sha256 = null)
    {
        ContentException exception = await Should.ThrowAsync<ContentException>(() => ResolveAsync(url, sha256));
        exception.Code.ShouldBe(code);
        exception.Message.ShouldNotContain(Signature);
        return exception;
    }

    /// <summary>The source cannot be had now.</summary>
    public async Task<SourceUnavailableException> UnavailableAsync(string? url = null)
    {
        SourceUnavailableException exception = await Should.ThrowAsync<SourceUnavailableException>(() => ResolveAsync(url));
        exception.Message.ShouldNotContain(Signature);
        Files.ShouldBeEmpty();
        Sources.UsedBytes.ShouldBe(0);
        return exception;
    }

    public async ValueTask DisposeAsync()
    {
        if (_sources.IsValueCreated)
        {
            _sources.Value.Dispose();
        }

        await Server.DisposeAsync();
        Directory.Delete(_parent, recursive: true);
    }
}
