using Npgsql;
using Qwen3VL.Batch.Storage;
using Qwen3VL.Batch.Worker.Composition;
using Qwen3VL.TestKit.Servers;
using Shouldly;
using Xunit;

namespace Qwen3VL.Batch.IntegrationTests.Storage;

/// <summary>A server of its own with a certificate: encrypted, verified against an authority of the test.</summary>
public sealed class EncryptionTests : IAsyncLifetime
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("qwen3vl-tls-");
    private PrivatePostgres _postgres = null!; // set before each test

    public async Task InitializeAsync() => _postgres = await PrivatePostgres.StartAsync();

    public async Task DisposeAsync()
    {
        await _postgres.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task Connect_VerifyFull_AcceptsTheRightAuthorityAndNameOnly()
    {
        ServerCertificate right = ServerCertificate.Create("127.0.0.1");
        await _postgres.EncryptAsync(right);
        string ours = Write("ours.pem", right.AuthorityPem);
        string others = Write("others.pem", ServerCertificate.Create("127.0.0.1").AuthorityPem);

        (await EncryptedAsync($"SSL Mode=VerifyFull;Root Certificate={ours}")).ShouldBeTrue();
        await Should.ThrowAsync<NpgsqlException>(() => EncryptedAsync($"SSL Mode=VerifyFull;Root Certificate={others}"));
        await Should.ThrowAsync<NpgsqlException>(() => EncryptedAsync("SSL Mode=VerifyFull"));

        ServerCertificate otherName = ServerCertificate.Create("elsewhere.example");
        await _postgres.EncryptAsync(otherName);
        await Should.ThrowAsync<NpgsqlException>(
            () => EncryptedAsync($"SSL Mode=VerifyFull;Root Certificate={Write("name.pem", otherName.AuthorityPem)}"));
    }

    [Fact]
    public async Task Connect_CertificateThatNamesAPlaceOfItsIssuer_AsksNobodyThere()
    {
        await using var elsewhere = ScriptedHttpServer.Start(exchange => exchange.AnswerAsync(404, []));
        ServerCertificate certificate = ServerCertificate.Create("127.0.0.1", $"http://127.0.0.1:{elsewhere.Port}/issuer.cer");
        await _postgres.EncryptAsync(certificate);

        // What waited for the server's start is of the test, not of the product, and may have asked.
        int before = elsewhere.Received.Count;

        (await EncryptedAsync($"SSL Mode=VerifyFull;Root Certificate={Write("ours.pem", certificate.AuthorityPem)}")).ShouldBeTrue();
        await Should.ThrowAsync<NpgsqlException>(
            () => EncryptedAsync($"SSL Mode=VerifyFull;Root Certificate={Write("others.pem", ServerCertificate.Create("127.0.0.1").AuthorityPem)}"));
        await Should.ThrowAsync<NpgsqlException>(() => EncryptedAsync("SSL Mode=VerifyFull"));

        elsewhere.Received.Count.ShouldBe(before);
    }

    [Fact]
    public async Task Connect_ServerWithoutEncryption_IsRefusedWhenItMustBeVerified() =>
        await Should.ThrowAsync<NpgsqlException>(() => EncryptedAsync("SSL Mode=VerifyFull"));

    private string Write(string name, string text)
    {
        string path = Path.Combine(_folder.FullName, name);
        File.WriteAllText(path, text);
        return path;
    }

    private async Task<bool> EncryptedAsync(string more)
    {
        DatabaseOptions options = DatabaseAddress.Resolve(new DatabaseOptions { ConnectionString = $"{_postgres.ConnectionString};Pooling=false;{more}" });
        await using NpgsqlDataSource source = LedgerDataSource.Create(options);
        await using NpgsqlConnection connection = await source.OpenConnectionAsync();
        await using var command = new NpgsqlCommand("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()", connection);
        return await command.ExecuteScalarAsync() is true;
    }
}
