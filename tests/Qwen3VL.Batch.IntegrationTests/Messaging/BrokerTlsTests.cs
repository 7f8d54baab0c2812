using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Qwen3VL.Batch.Contracts.V1;
using Qwen3VL.Batch.Messaging;
using Qwen3VL.TestKit;
using Qwen3VL.TestKit.Servers;
using Shouldly;
using Xunit;

namespace Qwen3VL.Batch.IntegrationTests.Messaging;

/// <summary>A broker that listens with TLS and asks for a client's certificate; all certificates are made here and live a day.</summary>
public sealed class BrokerTlsTests : IAsyncLifetime, IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly string _folder = Directory.CreateTempSubdirectory("qwen3vl-tls-").FullName;
    private readonly int _port = LoopbackPort.Free();
    private readonly BrokerFixture _host = new();
    private PrivateRabbitMq? _server;

    public async Task InitializeAsync()
    {
        using X509Certificate2 authority = Issue("authority", null);
        using X509Certificate2 server = Issue("server", authority);
        using X509Certificate2 client = Issue("client", authority);
        using X509Certificate2 stranger = Issue("stranger", null);
        _server = await PrivateRabbitMq.StartAsync(string.Create(
            CultureInfo.InvariantCulture,
            $"""
            listeners.ssl.local = 127.0.0.1:{_port}
            ssl_options.cacertfile = {File("authority.pem")}
            ssl_options.certfile = {File("server.pem")}
            ssl_options.keyfile = {File("server.key")}
            ssl_options.verify = verify_peer
            ssl_options.fail_if_no_peer_cert = true
            """));
    }

    public async Task DisposeAsync()
    {
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Connect_TrustedBrokerAndClient_CommandsGoThroughTheEncryptedListener()
    {
        using IHost worker = _host.BuildHost(Options());
        await worker.StartAsync();
        await using CommandClient client = await CommandClient.ConnectAsync(Options(), TimeProvider.System, CancellationToken.None);

        await client.SendAsync(new CancelJob { JobId = Guid.CreateVersion7(TimeProvider.System.GetUtcNow()) }, CancellationToken.None);

        await Eventually.TrueAsync(() => Task.FromResult(!_host.Ledger.Cancelled.IsEmpty), Patience, "the command");
        IBusControl bus = worker.Services.GetRequiredService<IBusControl>();
        await Eventually.TrueAsync(() => Task.FromResult(bus.CheckHealth().Status == BusHealthStatus.Healthy), Patience, "all endpoints");
        await worker.StopAsync();
    }

    [Fact]
    public async Task Connect_AuthorityOfSomebodyElse_IsRefused()
    {
        BrokerException exception = await Should.ThrowAsync<BrokerException>(
            () => CommandClient.ConnectAsync(Options() with { CaFile = File("stranger.pem") }, TimeProvider.System, CancellationToken.None));

        exception.Message.ShouldContain("Broker:CaFile");
    }

    [Fact]
    public async Task Connect_AuthorityTheSystemDoesNotTrust_IsRefused() => _ = await Should.ThrowAsync<BrokerException>(
        () => CommandClient.ConnectAsync(Options() with { CaFile = "" }, TimeProvider.System, CancellationToken.None));

    [Fact]
    public async Task Connect_OtherNameThanTheCertificates_IsRefused() => _ = await Should.ThrowAsync<BrokerException>(
        () => CommandClient.ConnectAsync(Options() with { Host = "localhost" }, TimeProvider.System, CancellationToken.None));

    [Fact]
    public async Task Connect_WithoutTheClientsCertificate_IsRefused() => _ = await Should.ThrowAsync<BrokerException>(
        () => CommandClient.ConnectAsync(Options() with { CertificateFile = "", KeyFile = "" }, TimeProvider.System, CancellationToken.None));

    [Fact]
    public async Task Connect_FileThatIsNoCertificate_SaysSo()
    {
        System.IO.File.WriteAllText(File("nonsense.pem"), "nonsense");

        BrokerException exception = await Should.ThrowAsync<BrokerException>(
            () => CommandClient.ConnectAsync(Options() with { CaFile = File("nonsense.pem") }, TimeProvider.System, CancellationToken.None));

        exception.Message.ShouldContain("Broker:CaFile must hold at least one certificate");
    }

    private BrokerOptions Options() => new()
    {
        Host = "127.0.0.1",
        Port = _port,
        User = _server!.User, // started before each test
        Password = _server!.Password,
        Tls = BrokerTls.On,
        CaFile = File("authority.pem"),
        CertificateFile = File("client.pem"),
        KeyFile = File("client.key"),
    };

    private string File(string name) => Path.Combine(_folder, name);

    // An authority signs itself; everything else is signed by one, for the loopback address alone.
    private X509Certificate2 Issue(string name, X509Certificate2? authority)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN=qwen3vl test {name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(authority is null, false, 0, critical: true));
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        X509Certificate2 certificate;
        if (authority is null)
        {
            request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.DigitalSignature, critical: true));
            certificate = request.CreateSelfSigned(now.AddHours(-1), now.AddDays(1));
        }
        else
        {
            var names = new SubjectAlternativeNameBuilder();
            names.AddIpAddress(IPAddress.Loopback);
            request.CertificateExtensions.Add(names.Build());
            using X509Certificate2 bare = request.Create(authority, now.AddMinutes(-30), now.AddHours(12), RandomNumberGenerator.GetBytes(8));
            certificate = bare.CopyWithPrivateKey(key);
        }

        System.IO.File.WriteAllText(File(name + ".pem"), certificate.ExportCertificatePem());
        System.IO.File.WriteAllText(File(name + ".key"), key.ExportPkcs8PrivateKeyPem());
        return certificate;
    }
}
