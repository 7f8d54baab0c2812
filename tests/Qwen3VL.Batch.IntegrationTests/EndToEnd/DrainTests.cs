using Npgsql;
using Qwen3VL.Batch.Storage;
using Shouldly;
using Xunit;

namespace Qwen3VL.Batch.IntegrationTests.EndToEnd;

[Collection(EndToEndServers.Collection)]
public sealed class DrainTests(EndToEndServers servers)
{
    [Fact]
    public async Task DrainAskedForInMidJob_WorkerGivesEverythingBackAndEndsWithZero()
    {
        await using Scenario scenario = await Scenario.StartAsync(servers);
        WorkerProcess first = scenario.StartWorker();
        Guid job = await scenario.SubmitPagesAsync("long", UndisturbedRun.Pages);
        await scenario.DoneChunksAsync(job, 1);

        await using (NpgsqlDataSource database = NpgsqlDataSource.Create(scenario.Database))
        {
            (await new PostgresFleet(database).RequestDrainAsync(new DrainSelection([], null, All: true), CancellationToken.None)).Count.ShouldBe(1);
        }

        int exitCode = await first.ExitAsync(Scenario.Patience);

        exitCode.ShouldBe(0, first.Log);
        (await scenario.DoneChunksAsync(job)).ShouldBeLessThan(UndisturbedRun.Pages);
        (await scenario.ValueAsync<long>("SELECT count(*) FROM vq.work WHERE lease_until IS NOT NULL OR lost_count > 0")).ShouldBe(0);
        (await scenario.ValueAsync<bool>("SELECT draining AND NOT lost AND stopped_at IS NOT NULL FROM vq.workers")).ShouldBeTrue();
        scenario.StartWorker();
        (await scenario.FinalStateAsync(job)).ShouldBe("succeeded");
        (await scenario.TextsAsync(job)).ShouldBe(servers.UndisturbedTexts);
    }
}
