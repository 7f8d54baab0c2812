using System.Globalization;
using Qwen3VL.Batch.Contracts.V1;
using Qwen3VL.Batch.Jobs;
using Qwen3VL.TestKit.Documents;
using Qwen3VL.TestKit.Servers;
using Shouldly;
using Xunit;

namespace Qwen3VL.Batch.IntegrationTests.EndToEnd;

[Collection(EndToEndServers.Collection)]
public sealed class UrlJobTests(EndToEndServers servers)
{
    private const string Signature = "top-secret-signature";

    [Fact]
    public async Task Submit_PresignedUrl_IsFetchedOnceDespiteABusyServerAndKeptOutOfTheLog()
    {
        await using Scenario scenario = await Scenario.StartAsync(servers);
        PrintedPdf.Write(Path.Combine(scenario.Folder, "a.pdf"), 3);
        byte[] content = await File.ReadAllBytesAsync(Path.Combine(scenario.Folder, "a.pdf"));
        int calls = 0;
        await using var store = ScriptedHttpServer.Start(
            exchange => Interlocked.Increment(ref calls) == 1 ? exchange.AnswerAsync(503, []) : exchange.AnswerAsync(200, content));
        WorkerProcess worker = scenario.StartWorker(Allowing(store, Path.Combine(scenario.Folder, "fetched")));

        await scenario.SendAsync(Scenario.Read("url", Url(store)) with { Options = new JobOptions { Dpi = PrintedPdf.Dpi, MaxOutputTokens = 32 } });
        Guid job = await scenario.JobAsync("url");

        (await scenario.FinalStateAsync(job)).ShouldBe("succeeded");
        (await scenario.ValueAsync<long>("SELECT count(*) FROM vq.pages WHERE job_id = @job", new { job })).ShouldBe(3);
        calls.ShouldBe(2);
        worker.Log.ShouldNotContain(Signature);
    }

    [Fact]
    public async Task Submit_UrlOfAHostThatIsNotAllowed_FailsTheJobAndTellsNoSecret()
    {
        await using Scenario scenario = await Scenario.StartAsync(servers);
        await using var store = ScriptedHttpServer.Start(exchange => exchange.AnswerAsync(200, [1]));
        WorkerProcess worker = scenario.StartWorker();

        await scenario.SendAsync(Scenario.Read("url", Url(store)));
        Guid job = await scenario.JobAsync("url");

        (await scenario.FinalStateAsync(job)).ShouldBe("failed");
        (await scenario.ValueAsync<string>("SELECT error_code FROM vq.jobs WHERE id = @job", new { job })).ShouldBe(ErrorCodes.SourceRefused);
        store.Received.ShouldBeEmpty();
        worker.Log.ShouldNotContain(Signature);
    }

    private static string Url(ScriptedHttpServer store) =>
        string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{store.Port}/a.pdf?sig={Signature}");

    private static Dictionary<string, string> Allowing(ScriptedHttpServer store, string folder) => new()
    {
        ["Media:AllowedHosts:0"] = string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{store.Port}"),
        ["Media:AllowedSchemes:0"] = "http",
        ["Media:AllowPrivateAddresses"] = "true",
        ["Media:FetchFolder"] = folder,
    };
}
