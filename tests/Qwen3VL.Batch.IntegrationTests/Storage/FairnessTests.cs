using Qwen3VL.Batch.Planning;
using Qwen3VL.Batch.Storage;
using Shouldly;
using Xunit;

namespace Qwen3VL.Batch.IntegrationTests.Storage;

[Collection(PostgresServer.Collection)]
public sealed class FairnessTests(PostgresServer server) : IAsyncLifetime
{
    private const long Big = 1;
    private const long Small = 2;

    private LedgerDatabase _database = null!; // set before each test
    private long _worker;

    public async Task InitializeAsync()
    {
        _database = await LedgerDatabase.CreateAsync(server);
        _worker = await _database.WorkerAsync();
    }

    public async Task DisposeAsync() => await _database.DisposeAsync();

    [Fact]
    public async Task Claim_TenantWithTenThousandGroups_LetsOneWithTenPass()
    {
        await SubmitPlannedAsync(Big, "big", priority: 5, groups: 10_000);
        await TimePassesAsync("10 minutes");
        await SubmitPlannedAsync(Small, "small", priority: 5, groups: 10);

        // The steps of ten minutes are the big tenant's by right; then both take turns.
        IReadOnlyList<long> tenants = await ClaimTenantsAsync(40);

        tenants.Count(tenant => tenant == Small).ShouldBe(10);
    }

    [Fact]
    public async Task Submit_TenantHasOpenGroups_ItsNextJobStandsBackButNotWhatIsMoreUrgent()
    {
        await SubmitPlannedAsync(Big, "first", priority: 5, groups: 20);

        await SubmitAsync(Big, "second", priority: 5);
        await SubmitAsync(Big, "urgent", priority: 9);
        await SubmitAsync(Small, "other", priority: 5);

        (await SlackAsync("second")).ShouldBe(600 + (20 * TenantFairness.PenaltySeconds), tolerance: 1);
        (await SlackAsync("urgent")).ShouldBe(0, tolerance: 1);
        (await SlackAsync("other")).ShouldBe(600, tolerance: 1);
    }

    [Fact]
    public async Task Submit_TenantHasThousandsOfGroups_StandsBackSixHoursAndNoMore()
    {
        await SubmitPlannedAsync(Big, "first", priority: 5, groups: 3_000);

        await SubmitAsync(Big, "second", priority: 5);

        (await SlackAsync("second")).ShouldBe(600 + (6 * 3_600), tolerance: 1);
    }

    [Fact]
    public async Task CommitPlan_LaterStage_KeepsTheJobsOwnPlaceTenantAndLane()
    {
        await SubmitPlannedAsync(Small, "job", priority: 9, LedgerDatabase.Plan(5, reduce: true));

        IReadOnlyList<double> delays = await _database.QueryAsync<double>(
            "SELECT extract(epoch FROM order_key - (SELECT min(order_key) FROM vq.work))::float8 FROM vq.work ORDER BY group_no");

        delays.ShouldBe([0, 30, 60, 90, 120, 0]);
        (await _database.CountAsync("vq.work WHERE tenant_id = 2 AND lane = 1 AND priority = 9")).ShouldBe(6);
    }

    [Fact]
    public async Task Claim_LowestPriorityUnderConstantHighest_IsTakenWhenItsSlackIsOver()
    {
        Guid patient = await SubmitAsync(Small, "patient", priority: 0);
        for (int hour = 0; hour <= 6; hour++)
        {
            // As much urgent work as can be claimed arrives every hour.
            for (int job = 0; job < 3; job++)
            {
                await SubmitAsync(Big, $"urgent {hour}.{job}", priority: 9);
            }

            IReadOnlyList<ClaimedGroup> claimed = await _database.Ledger.ClaimAsync(_worker, 3, LedgerDatabase.LeaseTime, default);
            claimed.Count.ShouldBe(3);
            claimed.Any(group => group.JobId == patient).ShouldBe(hour == 6, $"hour {hour}");
            await TimePassesAsync("1 hour");
        }
    }

    private async Task<Guid> SubmitAsync(long tenant, string key, int priority) =>
        (await _database.Ledger.SubmitAsync(LedgerDatabase.Command(key) with { TenantId = tenant, Priority = priority }, default)).JobId;

    private Task SubmitPlannedAsync(long tenant, string key, int priority, int groups) =>
        SubmitPlannedAsync(tenant, key, priority, LedgerDatabase.Plan(groups));

    private async Task SubmitPlannedAsync(long tenant, string key, int priority, JobPlan plan)
    {
        Guid job = await SubmitAsync(tenant, key, priority);
        IReadOnlyList<ClaimedGroup> ready = await _database.Ledger.ClaimAsync(_worker, 1_000, LedgerDatabase.LeaseTime, default);
        ClaimedGroup planning = ready.Single(group => group.JobId == job);
        await _database.ExecuteAsync("UPDATE vq.work SET lease_until = NULL, lease_owner = NULL WHERE job_id <> @job", new { job });
        (await _database.Ledger.CommitPlanAsync(planning, plan, default)).ShouldBeTrue();
    }

    private async Task<IReadOnlyList<long>> ClaimTenantsAsync(int count)
    {
        await _database.Ledger.ClaimAsync(_worker, count, LedgerDatabase.LeaseTime, default);
        return await _database.QueryAsync<long>("SELECT tenant_id FROM vq.work WHERE lease_until IS NOT NULL");
    }

    // The keys are fixed when a group is made: time that passes is the same as keys that lie further back.
    private Task TimePassesAsync(string time) =>
        _database.ExecuteAsync($"UPDATE vq.work SET order_key = order_key - interval '{time}', run_at = run_at - interval '{time}'");

    private async Task<double> SlackAsync(string key) => (await _database.QueryAsync<double>(
        """
        SELECT extract(epoch FROM w.order_key - j.created_at)::float8
        FROM vq.work w JOIN vq.jobs j ON j.id = w.job_id WHERE j.idem_key = @key AND w.group_no = 0
        """,
        new { key })).Single();
}
