using System.Runtime.Versioning;
using Npgsql;
using Qwen3VL.Batch.Storage;
using Qwen3VL.Batch.Worker.Composition;
using Shouldly;
using Xunit;

namespace Qwen3VL.Batch.Tests.Composition;

[SupportedOSPlatform("linux")]
public sealed class DatabaseAddressTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("qwen3vl-secrets-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData("Host=localhost", SslMode.Prefer)]
    [InlineData("Host=127.0.0.1;SSL Mode=Disable", SslMode.Disable)]
    [InlineData("Host=[::1]", SslMode.Prefer)]
    [InlineData("Host=/var/run/postgresql", SslMode.Prefer)]
    [InlineData("Database=d", SslMode.Prefer)]
    [InlineData("Host=localhost:5433,127.0.0.1", SslMode.Prefer)]
    [InlineData("Host=db.example", SslMode.VerifyFull)]
    [InlineData("Host=10.0.0.7", SslMode.VerifyFull)]
    [InlineData("Host=127.0.0.1,db.example", SslMode.VerifyFull)]
    [InlineData("Host=localhost.example", SslMode.VerifyFull)]
    [InlineData("Host=db.example;SslMode=Require", SslMode.Require)]
    [InlineData("Host=db.example;SSL Mode=VerifyCA", SslMode.VerifyCA)]
    public void Resolve_Host_DecidesHowItIsEncrypted(string connectionString, SslMode mode) =>
        Address(new DatabaseOptions { ConnectionString = connectionString }).SslMode.ShouldBe(mode);

    [Theory]
    [InlineData("Disable")]
    [InlineData("Allow")]
    [InlineData("Prefer")]
    public void Resolve_PlaintextBeyondLoopback_IsRefusedUnlessAllowed(string mode)
    {
        var options = new DatabaseOptions { ConnectionString = $"Host=db.example;Password=marker-secret;SSL Mode={mode}" };

        SettingsException refusal = Should.Throw<SettingsException>(() => DatabaseAddress.Resolve(options));

        refusal.Message.ShouldContain("Database:AllowPlaintext");
        refusal.Message.ShouldNotContain("marker-secret");
        Address(options with { AllowPlaintext = true }).SslMode.ToString().ShouldBe(mode);
        Address(options with { AllowPlaintext = true, ConnectionString = "Host=db.example" }).SslMode.ShouldBe(SslMode.Prefer);
    }

    [Fact]
    public void Resolve_PasswordFile_ItsFirstLineIsThePassword()
    {
        string path = Write("a b;c'd\"=e\nsecond line\n", UnixFileMode.UserRead | UnixFileMode.UserWrite);

        Address(new DatabaseOptions { ConnectionString = "Host=localhost;Username=u", PasswordFile = path }).Password.ShouldBe("a b;c'd\"=e");
    }

    [Theory]
    [InlineData(UnixFileMode.GroupRead, "chmod 600")]
    [InlineData(UnixFileMode.OtherRead, "chmod 600")]
    [InlineData(UnixFileMode.OtherWrite, "chmod 600")]
    public void Resolve_PasswordFileOpenToOthers_IsRefused(UnixFileMode more, string message) =>
        Refusal("marker-secret", UnixFileMode.UserRead | UnixFileMode.UserWrite | more).ShouldContain(message);

    [Fact]
    public void Resolve_PasswordFileEmptyOrMissing_IsRefused()
    {
        Refusal("\n", UnixFileMode.UserRead | UnixFileMode.UserWrite).ShouldContain("is empty");
        Should.Throw<SettingsException>(() => DatabaseAddress.Resolve(new DatabaseOptions { ConnectionString = "Host=localhost", PasswordFile = "/no/such/file" }))
            .Message.ShouldContain("/no/such/file");
    }

    [Fact]
    public void Resolve_PasswordTwice_IsRefused()
    {
        string path = Write("one", UnixFileMode.UserRead);

        Should.Throw<SettingsException>(() => DatabaseAddress.Resolve(new DatabaseOptions { ConnectionString = "Host=localhost;Password=two", PasswordFile = path }))
            .Message.ShouldContain("only password");
    }

    [Theory]
    [InlineData("""{"Database":{"ConnectionString":"Host=h;Password=marker-secret"}}""", "Database:ConnectionString")]
    [InlineData("""{"Broker":{"Password":"marker-secret"}}""", "Broker:Password")]
    public void SettingsFile_SecretThatOthersCanRead_IsRefused(string json, string key)
    {
        string path = Write(json, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead);

        string message = Should.Throw<SettingsException>(() => SecretsInFiles.Check(path)).Message;

        message.ShouldContain(key);
        message.ShouldContain(path);
        message.ShouldNotContain("marker-secret");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        Should.NotThrow(() => SecretsInFiles.Check(path));
    }

    [Fact]
    public void SettingsFile_WithoutSecrets_MayBeReadByOthers()
    {
        string path = Write("""{"Database":{"ConnectionString":"Host=h"},"Broker":{"Password":""}}""", UnixFileMode.UserRead | UnixFileMode.OtherRead);

        Should.NotThrow(() => SecretsInFiles.Check(path));
    }

    private static NpgsqlConnectionStringBuilder Address(DatabaseOptions options) => new(DatabaseAddress.Resolve(options).ConnectionString);

    private string Refusal(string content, UnixFileMode mode)
    {
        var options = new DatabaseOptions { ConnectionString = "Host=localhost", PasswordFile = Write(content, mode) };
        string message = Should.Throw<SettingsException>(() => DatabaseAddress.Resolve(options)).Message;
        message.ShouldNotContain("marker-secret");
        return message;
    }

    private string Write(string content, UnixFileMode mode)
    {
        string path = Path.Combine(_folder.FullName, Path.GetRandomFileName());
        File.WriteAllText(path, content);
        File.SetUnixFileMode(path, mode);
        return path;
    }
}
