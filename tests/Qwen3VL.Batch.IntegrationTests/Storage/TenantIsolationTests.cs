using Qwen3VL.Batch.Jobs;
using Qwen3VL.Batch.Planning;
using Qwen3VL.Batch.Storage;
using Shouldly;
using Xunit;

namespace Qwen3VL.Batch.IntegrationTests.Storage;

/// <summary>Two tenants at every door that a client can come to.</summary>
[Collection(PostgresServer.Collection)]
public sealed class TenantIsolationTests(PostgresServer server) : IAsyncLifetime
{
    private const long Stranger = LedgerDatabase.Tenant + 1;

    private LedgerDatabase _database = null!; // set before each test

    public async Task InitializeAsync() => _database = await LedgerDatabase.CreateAsync(server);

    public async Task DisposeAsync() => await _database.DisposeAsync();

    [Fact]
    public async Task Submit_SameKeyInTwoTenants_AreTwoJobs()
    {
        SubmitOutcome mine = await _database.Ledger.SubmitAsync(LedgerDatabase.Command("key"), default);
        SubmitOutcome theirs = await _database.Ledger.SubmitAsync(LedgerDatabase.Command("key") with { TenantId = Stranger }, default);

        (mine.Status, theirs.Status).ShouldBe((SubmitStatus.Accepted, SubmitStatus.Accepted));
        theirs.JobId.ShouldNotBe(mine.JobId);
        (await _database.Reader.FindJobAsync(Stranger, "key", default)).ShouldBe(theirs.JobId);
    }

    [Fact]
    public async Task Cancel_JobOfAnother_IsNotThere()
    {
        Guid job = await _database.SubmitAsync("key");

        (await _database.Ledger.RequestCancelAsync(Stranger, job, "mine now", default)).ShouldBeFalse();

        (await _database.JobAsync(job)).State.ShouldBe(JobState.Accepted);
        (await _database.QueryAsync<string?>("SELECT cancel_reason FROM vq.jobs")).ShouldBe([null]);
    }

    [Fact]
    public async Task Read_JobAndRefusalOfAnother_AreNotThere()
    {
        long worker = await _database.WorkerAsync();
        Guid job = await _database.SubmitPlannedAsync("key", LedgerDatabase.Plan(1), worker);
        ClaimedGroup group = await _database.ClaimOneAsync(worker);
        PlannedChunk chunk = (await _database.StartAsync(group)).ShouldHaveSingleItem();
        await _database.Ledger.CompleteChunkAsync(group, chunk, LedgerDatabase.PageResult(chunk), default);
        await _database.Ledger.RejectAsync(LedgerDatabase.Command("refused"), LedgerDatabase.Broken, default);
        var inspector = new PostgresJobInspector(_database.ReaderSource);

        (await _database.Reader.FindJobAsync(Stranger, "key", default)).ShouldBeNull();
        (await _database.Reader.ReadJobAsync(Stranger, job, default)).ShouldBeNull();
        (await _database.Reader.ReadResultsAsync(Stranger, job, default)).ShouldBeNull();
        (await _database.Reader.ListJobsAsync(Stranger, 10, default)).ShouldBeEmpty();
        (await _database.Reader.FindRejectionAsync(Stranger, "refused", default)).ShouldBeNull();
        (await _database.Reader.FindRejectionAsync(LedgerDatabase.Command("refused") with { TenantId = Stranger }, default)).ShouldBeNull();
        (await inspector.ReadAsync(Stranger, job, default)).ShouldBeNull();
        (await inspector.ListAsync(Stranger, new JobFilter(), default)).ShouldBeEmpty();

        // And the owner sees all of it.
        (await _database.Reader.ReadResultsAsync(LedgerDatabase.Tenant, job, default)).ShouldNotBeNull().Pages.Count.ShouldBe(1);
    }

    [Fact]
    public async Task Work_OfATenant_CarriesItsNumberFromTheCommandOn()
    {
        long worker = await _database.WorkerAsync();
        await _database.SubmitAsync("key");
        (await _database.CountAsync($"vq.work WHERE tenant_id = {LedgerDatabase.Tenant}")).ShouldBe(1);

        await _database.Ledger.CommitPlanAsync(await _database.ClaimOneAsync(worker), LedgerDatabase.Plan(3, reduce: true), default);

        (await _database.QueryAsync<long>("SELECT DISTINCT tenant_id FROM vq.work")).ShouldBe([LedgerDatabase.Tenant]);
    }
}
