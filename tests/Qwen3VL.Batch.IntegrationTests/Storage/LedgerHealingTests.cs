using Qwen3VL.Batch.Contracts.V1;
using Qwen3VL.Batch.Jobs;
using Qwen3VL.Batch.Planning;
using Qwen3VL.Batch.Storage;
using Shouldly;
using Xunit;

namespace Qwen3VL.Batch.IntegrationTests.Storage;

/// <summary>Rows that are lost by other hands than the program's.</summary>
[Collection(PostgresServer.Collection)]
public sealed class LedgerHealingTests(PostgresServer server) : IAsyncLifetime
{
    private const string PlacesApart =
        "SELECT extract(epoch FROM order_key - min(order_key) OVER ())::float8 FROM vq.work ORDER BY group_no";

    private LedgerDatabase _database = null!; // set before each test
    private long _worker;

    public async Task InitializeAsync()
    {
        _database = await LedgerDatabase.CreateAsync(server);
        _worker = await _database.WorkerAsync();
    }

    public async Task DisposeAsync() => await _database.DisposeAsync();

    [Fact]
    public async Task Heal_SoundLedger_ChangesNothing()
    {
        await _database.SubmitPlannedAsync("a", LedgerDatabase.Plan(4, pagesPerGroup: 2, reduce: true), _worker);
        await _database.SubmitAsync("b");
        ClaimedGroup group = await _database.ClaimOneAsync(_worker);
        await EndAllAsync(group);

        (await _database.Ledger.HealAsync(default)).Any.ShouldBeFalse();
    }

    [Fact]
    public async Task Heal_WorkIsLost_RebuildsItAndTheJobEnds()
    {
        Guid jobId = await _database.SubmitPlannedAsync("a", LedgerDatabase.Plan(4, pagesPerGroup: 2, reduce: true), _worker);
        ClaimedGroup old = await _database.ClaimOneAsync(_worker);
        PlannedChunk chunk = (await _database.StartAsync(old))[0];
        await _database.ExecuteAsync("DELETE FROM vq.work");

        (await _database.Ledger.HealAsync(default)).ShouldBe(new HealReport(3, 0, 0, 0, 0));

        (await _database.QueryAsync<int>("SELECT group_no FROM vq.work WHERE waiting")).ShouldBe([3]);
        (await _database.CountAsync("vq.work WHERE tenant_id = 7 AND fence > 1000")).ShouldBe(1);
        (await _database.Ledger.CompleteChunkAsync(old, chunk, LedgerDatabase.PageResult(chunk), default)).ShouldBe(ChunkEnd.Superseded);
        for (int groups = 0; groups < 3; groups++)
        {
            await EndAllAsync(await _database.ClaimOneAsync(_worker));
        }

        (await _database.JobAsync(jobId)).State.ShouldBe(JobState.Succeeded);
        (await _database.CountAsync("vq.work")).ShouldBe(0);
    }

    [Fact]
    public async Task Heal_ManyGroupsAreLost_StandApartAsWhenTheyWerePlanned()
    {
        await _database.SubmitPlannedAsync("a", LedgerDatabase.Plan(4, reduce: true), _worker);
        IReadOnlyList<double> planned = await _database.QueryAsync<double>(PlacesApart);
        await _database.ExecuteAsync("DELETE FROM vq.work");

        (await _database.Ledger.HealAsync(default)).Groups.ShouldBe(5);

        planned.ShouldBe([0, 30, 60, 90, 0]);
        (await _database.QueryAsync<double>(PlacesApart)).ShouldBe(planned);
    }

    [Fact]
    public async Task Heal_QuarantinedGroupIsLost_RebuildsItInItsLane()
    {
        await _database.SubmitPlannedAsync("a", LedgerDatabase.Plan(2, pagesPerGroup: 2), _worker);
        await _database.ExecuteAsync("UPDATE vq.chunks SET group_no = @Group + chunk_no WHERE chunk_no = 1", new { Group = Quarantine.FirstGroupNo });

        (await _database.Ledger.HealAsync(default)).Groups.ShouldBe(1);

        (await _database.CountAsync("vq.work WHERE lane = 2 AND first_chunk = 1 AND last_chunk = 1")).ShouldBe(1);
    }

    [Fact]
    public async Task Heal_PlanningIsLost_PlansTheJob()
    {
        Guid jobId = await _database.SubmitAsync("a");
        await _database.ExecuteAsync("DELETE FROM vq.work");

        (await _database.Ledger.HealAsync(default)).ShouldBe(new HealReport(0, 1, 0, 0, 0));

        ClaimedGroup planning = await _database.ClaimOneAsync(_worker);
        (await _database.Ledger.CommitPlanAsync(planning, LedgerDatabase.Plan(1), default)).ShouldBeTrue();
        (await _database.JobAsync(jobId)).State.ShouldBe(JobState.Running);
    }

    [Fact]
    public async Task Heal_CountersAreWrong_CountsAnew()
    {
        Guid jobId = await _database.SubmitPlannedAsync("a", LedgerDatabase.Plan(2, reduce: true), _worker);
        await EndAllAsync(await _database.ClaimOneAsync(_worker));
        await _database.ExecuteAsync("UPDATE vq.jobs SET done_chunks = 0");
        await _database.ExecuteAsync("UPDATE vq.job_stages SET ended = 0");

        (await _database.Ledger.HealAsync(default)).Counters.ShouldBe(1);

        (await _database.JobAsync(jobId)).DoneChunks.ShouldBe(1);
        (await _database.QueryAsync<int>("SELECT ended FROM vq.job_stages ORDER BY stage")).ShouldBe([1, 0]);
    }

    [Fact]
    public async Task Heal_AllChunksEndedButNotTheJob_EndsItOnce()
    {
        Guid jobId = await _database.SubmitPlannedAsync("a", LedgerDatabase.Plan(1), _worker);
        await EndAllAsync(await _database.ClaimOneAsync(_worker));
        await _database.ExecuteAsync("UPDATE vq.jobs SET state = 'running', finished_at = NULL");
        await _database.ExecuteAsync("DELETE FROM vq.outbox");

        (await _database.Ledger.HealAsync(default)).ShouldBe(new HealReport(0, 0, 0, 0, 1));
        (await _database.Ledger.HealAsync(default)).Any.ShouldBeFalse();

        (await _database.JobAsync(jobId)).State.ShouldBe(JobState.Succeeded);
        (await _database.FinalEventsAsync(jobId)).ShouldBe([nameof(JobSucceeded)]);
    }

    [Fact]
    public async Task Heal_StageEndedButItsFollowersWait_FreesThem()
    {
        await _database.SubmitPlannedAsync("a", LedgerDatabase.Plan(1, reduce: true), _worker);
        await EndAllAsync(await _database.ClaimOneAsync(_worker));
        await _database.ExecuteAsync("UPDATE vq.work SET waiting = true");

        (await _database.Ledger.HealAsync(default)).Stages.ShouldBe(1);

        (await _database.ClaimOneAsync(_worker)).GroupNo.ShouldBe(2);
    }

    [Fact]
    public async Task Heal_CancelledJob_GetsNoNewWork()
    {
        Guid jobId = await _database.SubmitPlannedAsync("a", LedgerDatabase.Plan(1), _worker);
        await _database.ExecuteAsync("DELETE FROM vq.work");
        await _database.ExecuteAsync("UPDATE vq.jobs SET state = 'cancelling', cancel_at = now() WHERE id = @jobId", new { jobId });

        (await _database.Ledger.HealAsync(default)).Any.ShouldBeFalse();

        (await _database.CountAsync("vq.work")).ShouldBe(0);
    }

    private async Task EndAllAsync(ClaimedGroup group)
    {
        foreach (PlannedChunk chunk in await _database.StartAsync(group))
        {
            var result = chunk.Kind == ChunkKind.Pages ? LedgerDatabase.PageResult(chunk) : new Results.ChunkResult();
            await _database.Ledger.CompleteChunkAsync(group, chunk, result, default);
        }

        await _database.Ledger.FinishGroupAsync(group, default);
    }
}
