using Qwen3VL.Batch.Storage;
using Shouldly;
using Xunit;

namespace Qwen3VL.Batch.IntegrationTests.Storage;

[Collection(PostgresServer.Collection)]
public sealed class LedgerPriorityTests(PostgresServer server) : IAsyncLifetime
{
    private LedgerDatabase _database = null!; // set before each test
    private long _worker;

    public async Task InitializeAsync()
    {
        _database = await LedgerDatabase.CreateAsync(server);
        _worker = await _database.WorkerAsync();
    }

    public async Task DisposeAsync() => await _database.DisposeAsync();

    [Fact]
    public async Task SetPriority_Higher_JobOvertakesAnOlderOneInAllItsGroups()
    {
        _ = await _database.SubmitAsync("older");
        Guid younger = await _database.SubmitAsync("younger");
        IReadOnlyList<ClaimedGroup> planning = await _database.Ledger.ClaimAsync(_worker, 2, LedgerDatabase.LeaseTime, default);
        foreach (ClaimedGroup group in planning)
        {
            (await _database.Ledger.CommitPlanAsync(group, LedgerDatabase.Plan(2, reduce: true), default)).ShouldBeTrue();
        }

        IReadOnlyList<DateTime> before = await OrderAsync(younger);
        (await _database.Ledger.SetPriorityAsync(LedgerDatabase.Tenant, younger, 9, default)).ShouldBeTrue();
        IReadOnlyList<DateTime> once = await OrderAsync(younger);
        (await _database.Ledger.SetPriorityAsync(LedgerDatabase.Tenant, younger, 9, default)).ShouldBeTrue();

        (await OrderAsync(younger)).ShouldBe(once);
        once.ShouldBe(before.Select(order => order.AddSeconds(PrioritySlack.Seconds(9) - PrioritySlack.Seconds(5))));
        (await _database.ClaimOneAsync(_worker)).JobId.ShouldBe(younger);
        (await _database.JobAsync(younger)).Priority.ShouldBe(9);
    }

    [Fact]
    public async Task SetPriority_WhileItIsPlanned_TheGroupsOfThePlanHaveTheNewPlace()
    {
        Guid jobId = await _database.SubmitAsync("a");
        ClaimedGroup planning = await _database.ClaimOneAsync(_worker);
        (await _database.Ledger.SetPriorityAsync(LedgerDatabase.Tenant, jobId, 0, default)).ShouldBeTrue();

        (await _database.Ledger.CommitPlanAsync(planning, LedgerDatabase.Plan(2), default)).ShouldBeTrue();

        (await OrderAsync(jobId)).ShouldBe(await PlacesAsync(jobId, priority: 0, groups: 2));
    }

    [Fact]
    public async Task SetPriority_RacesWithThePlan_NoGroupKeepsTheOldPlace()
    {
        for (int round = 0; round < 20; round++)
        {
            Guid jobId = await _database.SubmitAsync($"race {round}");
            ClaimedGroup planning = await _database.ClaimOneAsync(_worker);

            await Task.WhenAll(
                _database.Ledger.CommitPlanAsync(planning, LedgerDatabase.Plan(3), default),
                _database.Ledger.SetPriorityAsync(LedgerDatabase.Tenant, jobId, 9, default));

            (await OrderAsync(jobId)).ShouldBe(await PlacesAsync(jobId, priority: 9, groups: 3));
            await _database.ExecuteAsync("DELETE FROM vq.work");
        }
    }

    [Fact]
    public async Task SetPriority_ForeignEndedOrUnknownJob_ChangesNothing()
    {
        Guid jobId = await _database.SubmitAsync("a");
        (await _database.Ledger.SetPriorityAsync(LedgerDatabase.Tenant + 1, jobId, 9, default)).ShouldBeFalse();
        (await _database.Ledger.SetPriorityAsync(LedgerDatabase.Tenant, Guid.Empty, 9, default)).ShouldBeFalse();
        _ = await _database.Ledger.RequestCancelAsync(LedgerDatabase.Tenant, jobId, null, default);

        (await _database.Ledger.SetPriorityAsync(LedgerDatabase.Tenant, jobId, 9, default)).ShouldBeFalse();

        (await _database.JobAsync(jobId)).Priority.ShouldBe(5);
    }

    // Where the groups of a tenant's only job stand.
    private async Task<IReadOnlyList<DateTime>> PlacesAsync(Guid jobId, int priority, int groups)
    {
        DateTime first = (await _database.JobAsync(jobId)).CreatedAt.UtcDateTime.AddSeconds(PrioritySlack.Seconds(priority));
        return [.. Enumerable.Range(0, groups).Select(index => first.AddSeconds(TenantFairness.GroupDelay(index, isFirstStage: true)))];
    }

    private Task<IReadOnlyList<DateTime>> OrderAsync(Guid jobId) =>
        _database.QueryAsync<DateTime>("SELECT order_key FROM vq.work WHERE job_id = @jobId ORDER BY group_no", new { jobId });
}
