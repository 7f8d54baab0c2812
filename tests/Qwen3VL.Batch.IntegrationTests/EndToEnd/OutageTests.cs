using Shouldly;
using Xunit;

namespace Qwen3VL.Batch.IntegrationTests.EndToEnd;

[Collection(EndToEndServers.Collection)]
public sealed class OutageTests(EndToEndServers servers)
{
    private const int LongJob = UndisturbedRun.Pages;

    [Fact]
    public async Task WorkerKilledInMidJob_AnotherFinishes_EveryPageOnce()
    {
        await using Scenario scenario = await Scenario.StartAsync(servers);
        WorkerProcess first = scenario.StartWorker();
        Guid job = await scenario.SubmitPagesAsync("long", LongJob);
        await scenario.DoneChunksAsync(job, 3);

        await first.KillAsync();
        int doneAtDeath = await scenario.DoneChunksAsync(job);
        long leased = await scenario.ValueAsync<long>("SELECT count(*) FROM vq.work WHERE job_id = @job AND lease_until IS NOT NULL", new { job });
        scenario.StartWorker();

        doneAtDeath.ShouldBeLessThan(LongJob);
        leased.ShouldBeGreaterThan(0);
        _ = await scenario.SeeAsync<long>("SELECT coalesce(max(lost_count), 0) FROM vq.work WHERE job_id = @job", new { job }, lost => lost > 0, "a lease that ran out");
        await ShouldBeDoneOnceAsync(scenario, job);
        (await scenario.ValueAsync<int>("SELECT max(starts) FROM vq.chunks WHERE job_id = @job", new { job })).ShouldBeGreaterThan(1);
    }

    [Fact]
    public async Task BrokerKilledInMidJob_WorkGoesOnAndEventsComeAfter()
    {
        await using Scenario scenario = await Scenario.StartAsync(servers);
        WorkerProcess worker = scenario.StartWorker();
        Guid job = await scenario.SubmitPagesAsync("long", LongJob);
        await scenario.DoneChunksAsync(job, 2);

        await servers.Broker.KillAsync();
        int doneAtDeath = await scenario.DoneChunksAsync(job);
        await scenario.DoneChunksAsync(job, doneAtDeath + 2);
        await servers.Broker.StartAgainAsync();
        await scenario.Events.ConnectAsync();

        await ShouldBeDoneOnceAsync(scenario, job);
        Guid next = await scenario.SubmitPagesAsync("next", 1);
        (await scenario.FinalStateAsync(next)).ShouldBe("succeeded");
        worker.HasExited.ShouldBeFalse();
    }

    [Fact]
    public async Task BrokerAwayAtStart_WorkerFinishesOpenJobsAndConnectsLater()
    {
        await using Scenario scenario = await Scenario.StartAsync(servers);
        WorkerProcess first = scenario.StartWorker();
        Guid job = await scenario.SubmitPagesAsync("long", LongJob);
        await scenario.DoneChunksAsync(job, 1);
        await first.KillAsync();
        await servers.Broker.KillAsync();

        scenario.StartWorker();
        (await scenario.FinalStateAsync(job)).ShouldBe("succeeded");
        await servers.Broker.StartAgainAsync();
        await scenario.Events.ConnectAsync();

        await ShouldBeDoneOnceAsync(scenario, job);
    }

    [Fact]
    public async Task DatabaseKilledInMidJob_SameWorkerFinishes_EveryPageOnce()
    {
        await using Scenario scenario = await Scenario.StartAsync(servers);
        WorkerProcess worker = scenario.StartWorker();
        Guid job = await scenario.SubmitPagesAsync("long", LongJob);
        await scenario.DoneChunksAsync(job, 2);

        await servers.Postgres.KillAsync();
        await servers.Postgres.StartAgainAsync();

        await ShouldBeDoneOnceAsync(scenario, job);
        worker.HasExited.ShouldBeFalse();
    }

    [Fact]
    public async Task SigtermInMidJob_GivesEverythingBackAndEndsWithZero()
    {
        await using Scenario scenario = await Scenario.StartAsync(servers);
        WorkerProcess first = scenario.StartWorker();
        Guid job = await scenario.SubmitPagesAsync("long", LongJob);
        await scenario.DoneChunksAsync(job, 1);

        await first.TerminateAsync();
        int exitCode = await first.ExitAsync(Scenario.Patience);

        exitCode.ShouldBe(0, first.Log);
        (await scenario.DoneChunksAsync(job)).ShouldBeLessThan(LongJob);
        (await scenario.ValueAsync<long>("SELECT count(*) FROM vq.work WHERE lease_until IS NOT NULL OR lost_count > 0")).ShouldBe(0);
        (await scenario.ValueAsync<long>("SELECT count(*) FROM vq.workers WHERE stopped_at IS NULL")).ShouldBe(0);
        scenario.StartWorker();
        await ShouldBeDoneOnceAsync(scenario, job);
    }

    private async Task ShouldBeDoneOnceAsync(Scenario scenario, Guid job)
    {
        (await scenario.FinalStateAsync(job)).ShouldBe("succeeded");
        (await scenario.RowsAsync<int>("SELECT page_no FROM vq.pages WHERE job_id = @job ORDER BY 1", new { job })).ShouldBe(Enumerable.Range(1, LongJob));
        (await scenario.TextsAsync(job)).ShouldBe(servers.UndisturbedTexts);
        (await scenario.DoneChunksAsync(job)).ShouldBe(LongJob);
        (await scenario.ValueAsync<long>("SELECT count(*) FROM vq.usage_records WHERE job_id = @job AND billable", new { job })).ShouldBe(LongJob);
        (await scenario.ValueAsync<long>("SELECT count(*) FROM vq.chunks WHERE job_id = @job AND outcome = 'succeeded'", new { job })).ShouldBe(LongJob);
        (await scenario.ValueAsync<long>("SELECT count(*) FROM vq.chunk_attempts WHERE job_id = @job AND outcome = 'failed'", new { job })).ShouldBe(0);
        (await scenario.FinalEventsAsync(job)).ShouldBe(["job.succeeded"]);
    }
}
