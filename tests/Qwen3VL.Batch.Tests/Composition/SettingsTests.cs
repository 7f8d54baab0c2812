using Qwen3VL.Batch.Worker.Composition;
using Shouldly;
using Xunit;

namespace Qwen3VL.Batch.Tests.Composition;

public sealed class SettingsTests
{
    private static readonly Dictionary<string, string?> Good = new()
    {
        ["Database:ConnectionString"] = "Host=127.0.0.1;Password=hidden-secret",
        ["Broker:User"] = "u",
        ["Broker:Password"] = "hidden-secret",
        ["Media:SourceRoot"] = AppContext.BaseDirectory,
    };

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

    [Fact]
    public void Load_SectionNotNeeded_IsNotValidated()
    {
        var broker = new Dictionary<string, string?> { ["Broker:User"] = "u", ["Broker:Password"] = "p" };

        Settings.Load(broker, SettingsSections.Broker).Broker.User.ShouldBe("u");
    }

    [Theory]
    [InlineData("Worker:Slots", "0", "Worker:Slots must be 1..256; got 0")]
    [InlineData("Worker:LeaseSeconds", "NaN", "Worker:LeaseSeconds")]
    [InlineData("Worker:Slots", "many", "Slots")]
    [InlineData("Worker:Slotz", "3", "Slotz")]
    [InlineData("Wroker:Slots", "3", "section must be one of Database, Broker, Media, Planning, Worker, Engine, Cpu, Logging; got Wroker")]
    [InlineData("Planning:OverlapSeconds", "6", "Planning:OverlapSeconds")]
    [InlineData("Engine:KvMemoryMiB", "0", "Engine:KvMemoryMiB")]
    [InlineData("Engine:VideoPruningRate", "1", "VideoPruningRate must be at least 0 and below 1; got 1")]
    [InlineData("Engine:VideoPruningRate", "NaN", "VideoPruningRate")]
    [InlineData("Engine:ModelFolder", "/no/such/folder", "Engine:ModelFolder")]
    [InlineData("Database:ConnectionString", "Host=x;Passwort=hidden-secret", "Database:ConnectionString")]
    public void Load_WrongValue_NamesTheKey(string key, string value, string message)
    {
        var given = new Dictionary<string, string?>(Good) { [key] = value };

        SettingsException exception = Should.Throw<SettingsException>(() => Settings.Load(given, SettingsSections.All));

        exception.Message.ShouldContain(message);
        exception.Message.ShouldNotContain("hidden-secret");
    }
}
