using Qwen3VL.Batch.Worker.Composition;
using Qwen3VL.Batch.Worker.Diagnosis;
using Shouldly;
using Xunit;

namespace Qwen3VL.Batch.Tests.Worker.Diagnosis;

public sealed class UrlSourcesCheckTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("qwen3vl-doctor-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Run_NoHosts_SaysThatUrlsAreRefused() => (await RunAsync()).ShouldHaveSingleItem().Message.ShouldStartWith("refused");

    [Fact]
    public async Task Run_DangerousSettings_AreWarnings()
    {
        IReadOnlyList<CheckResult> results = await RunAsync(
            ("Media:AllowedHosts:0", "store.example.org"), ("Media:AllowPrivateAddresses", "true"), ("Media:AllowedSchemes:0", "http"), ("Media:FetchFolder", _folder));

        results.Count(result => result.Level == CheckLevel.Warn).ShouldBeGreaterThanOrEqualTo(2);
        results.ShouldContain(result => result.Message.Contains("private addresses", StringComparison.Ordinal));
        results.ShouldContain(result => result.Message.Contains("http is not encrypted", StringComparison.Ordinal));
        Directory.EnumerateFileSystemEntries(_folder).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("1", CheckLevel.Ok)]
    [InlineData("1000000000", CheckLevel.Warn)]
    internal async Task Run_RoomForFiles_IsComparedWithTheBound(string cacheMiB, CheckLevel level)
    {
        IReadOnlyList<CheckResult> results = await RunAsync(
            ("Media:AllowedHosts:0", "store.example.org"), ("Media:FetchCacheMiB", cacheMiB), ("Media:FetchFolder", _folder));

        results[^1].Level.ShouldBe(level);
    }

    [Fact]
    public async Task Run_FolderThatCannotBeMade_Fails()
    {
        await File.WriteAllTextAsync(Path.Combine(_folder, "file"), "");

        IReadOnlyList<CheckResult> results = await RunAsync(("Media:AllowedHosts:0", "store.example.org"), ("Media:FetchFolder", Path.Combine(_folder, "file", "x")));

        results[^1].Level.ShouldBe(CheckLevel.Fail);
    }

    private static Task<IReadOnlyList<CheckResult>> RunAsync(params (string Key, string Value)[] settings) =>
        new UrlSourcesCheck().RunAsync(Settings.Load(settings.ToDictionary(pair => pair.Key, pair => (string?)pair.Value), 0), default);
}
