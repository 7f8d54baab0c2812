using System.Runtime.Versioning;
using Qwen3VL.Batch.Media;
using Qwen3VL.Batch.Worker.Composition;
using Shouldly;
using Xunit;

namespace Qwen3VL.Batch.Tests.Composition;

[SupportedOSPlatform("linux")]
public sealed class SettingsTests : IDisposable
{
    private readonly string _file = Path.GetTempFileName();

    private static readonly Dictionary<string, string?> Good = new()
    {
        ["Database:ConnectionString"] = "Host=127.0.0.1;Password=hidden-secret",
        ["Broker:User"] = "u",
        ["Broker:Password"] = "hidden-secret",
        ["Media:SourceRoot"] = AppContext.BaseDirectory,
    };

    public void Dispose() => File.Delete(_file);

    [Fact]
    public void Load_OnlyWhatHasNoDefault_IsEnough()
    {
        Settings settings = Settings.Load(Good, SettingsSections.All);

        settings.Worker.Slots.ShouldBe(2);
        settings.Broker.Password.ShouldBe("hidden-secret");
        File.Exists(Path.Combine(settings.Engine.ModelFolder, "config.json")).ShouldBeTrue();
    }

    [Fact]
    public void Print_Options_KeepsSecrets()
    {
        Settings settings = Settings.Load(Good, SettingsSections.All);

        $"{settings.Broker} {settings.Database}".ShouldNotContain("hidden-secret");
    }

    [Fact]
    public void Load_NothingGiven_NamesEveryMissingKey()
    {
        SettingsException exception = Should.Throw<SettingsException>(() => Settings.Load(new Dictionary<string, string?>(), SettingsSections.All));

        foreach (string key in (string[])["Database:ConnectionString", "Broker:User", "Broker:Password", "Media:SourceRoot"])
        {
            exception.Problems.ShouldContain(problem => problem.StartsWith(key, StringComparison.Ordinal), key);
        }
    }

    [Theory]
    [InlineData("localhost", "Off", "false")]
    [InlineData("127.0.0.2", "Off", "false")]
    [InlineData("::1", "Off", "false")]
    [InlineData("mq.example", "On", "false")]
    [InlineData("mq.example", "Off", "true")]
    public void Load_BrokerNearEncryptedOrAllowed_IsGood(string host, string tls, string allow)
    {
        var settings = new Dictionary<string, string?>(Good) { ["Broker:Host"] = host, ["Broker:Tls"] = tls, ["Broker:AllowPlaintext"] = allow };

        Settings.Load(settings, SettingsSections.Broker).Broker.Host.ShouldBe(host);
    }

    [Fact]
    public void Load_PasswordFile_ItsFirstLineIsThePassword()
    {
        Dictionary<string, string?> settings = WithPasswordFile(UnixFileMode.UserRead | UnixFileMode.UserWrite);

        Settings.Load(settings, SettingsSections.Broker).Broker.Password.ShouldBe("hidden-secret");
    }

    [Theory]
    [InlineData(UnixFileMode.GroupRead)]
    [InlineData(UnixFileMode.OtherRead)]
    public void Load_BrokerPasswordFileOpenToOthers_IsRefused(UnixFileMode more)
    {
        Dictionary<string, string?> settings = WithPasswordFile(UnixFileMode.UserRead | UnixFileMode.UserWrite | more);

        SettingsException exception = Should.Throw<SettingsException>(() => Settings.Load(settings, SettingsSections.Broker));

        exception.Message.ShouldStartWith("Broker:PasswordFile must name a file that only its owner reads");
        exception.Message.ShouldNotContain("hidden-secret");
    }

    [Fact]
    public void Load_BrokerPasswordFileThatIsNotThere_MattersOnlyToWhatNeedsTheBroker()
    {
        var settings = new Dictionary<string, string?>
        {
            ["Database:ConnectionString"] = "Host=127.0.0.1",
            ["Broker:User"] = "u",
            ["Broker:PasswordFile"] = "/no/such/file",
        };

        Settings.Load(settings, SettingsSections.Database).Broker.User.ShouldBe("u");
        Should.Throw<SettingsException>(() => Settings.Load(settings, SettingsSections.Broker)).Message.ShouldBe("Broker:PasswordFile must name a file; there is none at /no/such/file");
    }

    [Fact]
    public void Load_SectionNotNeeded_IsNotValidated()
    {
        var broker = new Dictionary<string, string?> { ["Broker:User"] = "u", ["Broker:Password"] = "p" };

        Settings.Load(broker, SettingsSections.Broker).Broker.User.ShouldBe("u");
    }

    [Fact]
    public void Load_AllowedHosts_MakeASourceRootNeedless()
    {
        var given = new Dictionary<string, string?>(Good) { ["Media:SourceRoot"] = null, ["Media:AllowedHosts:0"] = "store.example.org" };

        MediaOptions media = Settings.Load(given, SettingsSections.All).Media;

        media.AllowedHosts.ShouldBe(["store.example.org"]);
        media.EffectiveSchemes.ShouldBe(["https"]);
        media.AllowPrivateAddresses.ShouldBeFalse();
    }

    [Fact]
    public void Load_FetchFolderTooSmallForAFile_NamesBothKeys()
    {
        var given = new Dictionary<string, string?>(Good) { ["Media:AllowedHosts:0"] = "store.example.org", ["Media:FetchCacheMiB"] = "10" };

        Should.Throw<SettingsException>(() => Settings.Load(given, SettingsSections.All)).Message.ShouldContain("Media:FetchCacheMiB must hold a file of Media:MaxFileBytes");
    }

    [Theory]
    [InlineData("Worker:Slots", "0", "Worker:Slots must be 1..256; got 0")]
    [InlineData("Broker:Host", "mq.example", "Broker:Tls must be On for a broker on another machine, or Broker:AllowPlaintext true; got Off for mq.example")]
    [InlineData("Broker:Host", "10.0.0.7", "Broker:Tls must be On")]
    [InlineData("Broker:CaFile", "/no/such/file", "Broker:CaFile must be an existing file")]
    [InlineData("Broker:KeyFile", "/no/such/file", "Broker:CertificateFile and Broker:KeyFile must be set together")]
    [InlineData("Broker:PasswordFile", "/no/such/file", "Broker:Password or Broker:PasswordFile must be set, and not both")]
    [InlineData("Broker:Tls", "Maybe", "Tls")]
    [InlineData("Worker:LeaseSeconds", "NaN", "Worker:LeaseSeconds")]
    [InlineData("Worker:Slots", "many", "Slots")]
    [InlineData("Worker:Slotz", "3", "Slotz")]
    [InlineData("Wroker:Slots", "3", "section must be one of Database, Broker, Media, Planning, Worker, Retention, Engine, Cpu, Logging; got Wroker")]
    [InlineData("Worker:Lanes", "bulk,fast", "Worker:Lanes must be names of lanes")]
    [InlineData("Worker:Lanes", "", "Worker:Lanes")]
    [InlineData("Worker:Lanes", "bulk,bulk", "Worker:Lanes")]
    [InlineData("Worker:ReservedSlots", "2", "Worker:ReservedSlots must be 0..1; got 2")]
    [InlineData("Worker:ReservedSlots", "-1", "Worker:ReservedSlots")]
    [InlineData("Retention:KeyDays", "0", "Retention:KeyDays")]
    [InlineData("Retention:InboxDays", "0", "Retention:InboxDays")]
    [InlineData("Retention:DeadLetterDays", "0", "Retention:DeadLetterDays")]
    [InlineData("Retention:WorkerDays", "0", "Retention:WorkerDays")]
    [InlineData("Retention:ResultMonths", "-1", "Retention:ResultMonths")]
    [InlineData("Planning:OverlapSeconds", "6", "Planning:OverlapSeconds")]
    [InlineData("Engine:KvMemoryMiB", "0", "Engine:KvMemoryMiB")]
    [InlineData("Engine:VideoPruningRate", "1", "VideoPruningRate must be at least 0 and below 1; got 1")]
    [InlineData("Engine:VideoPruningRate", "NaN", "VideoPruningRate")]
    [InlineData("Engine:ModelFolder", "/no/such/folder", "Engine:ModelFolder")]
    [InlineData("Media:AllowedHosts", "store.example.org", "Media:AllowedHosts must be a list, its first entry being QWEN3VL_Media__AllowedHosts__0")]
    [InlineData("Media:AllowedHosts:0", "https://store.example.org", "Media:AllowedHosts must hold hosts")]
    [InlineData("Media:AllowedHosts:0", "*", "Media:AllowedHosts must hold hosts")]
    [InlineData("Media:AllowedSchemes:0", "ftp", "Media:AllowedSchemes must hold http and https only; got ftp")]
    [InlineData("Media:MaxRedirects", "-1", "Media:MaxRedirects")]
    [InlineData("Media:FetchTimeoutSeconds", "0", "Media:FetchTimeoutSeconds")]
    [InlineData("Database:ConnectionString", "Host=x;Passwort=hidden-secret", "Database:ConnectionString")]
    public void Load_WrongValue_NamesTheKey(string key, string value, string message)
    {
        var given = new Dictionary<string, string?>(Good) { [key] = value };

        SettingsException exception = Should.Throw<SettingsException>(() => Settings.Load(given, SettingsSections.All));

        exception.Message.ShouldContain(message);
        exception.Message.ShouldNotContain("hidden-secret");
        exception.Problems.ShouldBeUnique();
    }

    private Dictionary<string, string?> WithPasswordFile(UnixFileMode mode)
    {
        File.WriteAllText(_file, "hidden-secret\nsecond line\n");
        File.SetUnixFileMode(_file, mode);
        return new Dictionary<string, string?> { ["Broker:User"] = "u", ["Broker:PasswordFile"] = _file };
    }
}
