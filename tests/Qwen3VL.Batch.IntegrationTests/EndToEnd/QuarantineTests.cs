using System.Diagnostics;
using Qwen3VL.TestKit;
using Shouldly;
using Xunit;

namespace Qwen3VL.Batch.IntegrationTests.EndToEnd;

/// <summary>The process of the quarantine lane, killed and orphaned.</summary>
[Collection(EndToEndServers.Collection)]
public sealed class QuarantineTests(EndToEndServers servers)
{
    private const int Pages = UndisturbedRun.Pages;
    private const string ChildPid = "SELECT pid FROM vq.workers WHERE 2 = ANY(lanes) AND stopped_at IS NULL ORDER BY id DESC LIMIT 1";

    [Fact]
    public async Task ChildKilled_TheWorkerStartsAnother_EveryPageOnceAndOneStartLost()
    {
        await using Scenario scenario = await Scenario.StartAsync(servers);
        Guid job = await QuarantinedJobAsync(scenario);
        WorkerProcess worker = scenario.StartWorker();
        await scenario.DoneChunksAsync(job, 1);

        int first = await scenario.ValueAsync<int>(ChildPid);
        Kill(first);
        string state = await scenario.FinalStateAsync(job);

        state.ShouldBe("succeeded");
        (await scenario.ValueAsync<int>("SELECT count(DISTINCT pid)::int FROM vq.workers WHERE 2 = ANY(lanes)")).ShouldBe(2);
        (await scenario.ValueAsync<int>("SELECT sum(lost_starts)::int FROM vq.chunks WHERE job_id = @job", new { job })).ShouldBeInRange(0, 1);
        (await scenario.RowsAsync<int>("SELECT page_no FROM vq.pages WHERE job_id = @job ORDER BY 1", new { job })).ShouldBe(Enumerable.Range(1, Pages));
        (await scenario.ValueAsync<long>("SELECT count(*) FROM vq.dead_letters")).ShouldBe(0);
        worker.HasExited.ShouldBeFalse();
        worker.Log.ShouldContain("quarantine worker crashed");
    }

    [Fact]
    public async Task ParentKilled_TheChildGivesItsWorkBackAndEnds()
    {
        await using Scenario scenario = await Scenario.StartAsync(servers);
        Guid job = await QuarantinedJobAsync(scenario);
        scenario.StartWorker();
        await scenario.DoneChunksAsync(job, 1);
        int child = await scenario.ValueAsync<int>(ChildPid);

        Kill(await scenario.ValueAsync<int>("SELECT pid FROM vq.workers WHERE NOT 2 = ANY(lanes) AND stopped_at IS NULL ORDER BY id DESC LIMIT 1"));
        await Eventually.TrueAsync(() => Task.FromResult(!Directory.Exists($"/proc/{child}") || IsZombie(child)), Scenario.Patience, "the end of the child");

        (await scenario.ValueAsync<long>("SELECT count(*) FROM vq.workers WHERE pid = @child AND stopped_at IS NOT NULL", new { child })).ShouldBe(1);
        (await scenario.ValueAsync<long>("SELECT count(*) FROM vq.work WHERE lease_until IS NOT NULL")).ShouldBe(0);
        (await scenario.ValueAsync<long>("SELECT count(*) FROM vq.chunks WHERE lost_starts > 0")).ShouldBe(0);
    }

    /// <summary>A planned job whose only group waits in the quarantine lane; no worker runs.</summary>
    private static async Task<Guid> QuarantinedJobAsync(Scenario scenario)
    {
        WorkerProcess planner = scenario.StartWorker();
        Guid job = await scenario.SubmitPagesAsync("suspect", Pages);
        await scenario.DoneChunksAsync(job, 0);
        _ = await scenario.SeeAsync<string>("SELECT state FROM vq.jobs WHERE id = @job", new { job }, state => state == "running", "the plan");
        await planner.KillAsync();
        (await scenario.ValueAsync<int>("SELECT done_chunks FROM vq.jobs WHERE id = @job", new { job })).ShouldBeLessThan(Pages);
        _ = await scenario.RowsAsync<int>(
            """
            WITH idle AS (UPDATE vq.workers SET stopped_at = now() WHERE stopped_at IS NULL),
            clean AS (UPDATE vq.chunks SET start_fence = NULL WHERE job_id = @job)
            UPDATE vq.work SET lane = 2, lease_until = NULL, lease_owner = NULL, run_at = now() WHERE job_id = @job RETURNING group_no
            """,
            new { job });
        return job;
    }

    private static void Kill(int processId)
    {
        using Process process = Process.GetProcessById(processId);
        process.Kill();
    }

    // An orphan that has ended stays in the table until init of the container, if there is one, asks for it.
    private static bool IsZombie(int processId)
    {
        try
        {
            return File.ReadAllText($"/proc/{processId}/stat").Contains(") Z ", StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return true;
        }
    }
}
