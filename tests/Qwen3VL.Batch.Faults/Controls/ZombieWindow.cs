using Qwen3VL.Batch.Faults.Checking;
using Qwen3VL.Batch.Faults.Control;
using Qwen3VL.Batch.Faults.Ledger;
using Qwen3VL.Batch.Faults.Network;
using Qwen3VL.Batch.Faults.Processes;
using Qwen3VL.Batch.Faults.Scenarios;

namespace Qwen3VL.Batch.Faults.Controls;

/// <summary>
/// Forces the worst moment for a lease: a worker stops between the engine's answer and the commit, its lease runs out, another worker does the
/// chunk, and then the first one goes on and writes.
/// <code>
/// zombie   claim  engine  |stopped ........................................| write
/// lease                   |.... runs out
/// other                                 sweep  claim  engine  commit  end
/// </code>
/// </summary>
internal static class ZombieWindow
{
    private const double LeaseSeconds = 3;

    /// <summary>Does it to one job of one page; returns when the zombie's write has been answered.</summary>
    /// <param name="world">Where.</param>
    /// <param name="hasDeadline">Whether the zombie's own clock may stop it before it writes.</param>
    /// <param name="without">Guards of the database that the zombie's write does not meet.</param>
    /// <returns>What the ledger of the zombie says about its write.</returns>
    public static async Task<LedgerRecord> ForceAsync(World world, bool hasDeadline, params IReadOnlyList<DatabaseGuard> without)
    {
        var setup = new WorkerSetup { Slots = 1, ChunksAtOnce = 1, LeaseSeconds = LeaseSeconds };
        IReadOnlyList<FlowRewrite> rewrites = await world.TakeAwayAsync(without);
        WorkerProcess zombie = world.StartWorker(setup with
        {
            PauseAt = ReachedPoint.AfterEngine,
            WithoutGuards = hasDeadline ? null : Guard.LocalDeadline,
            DatabasePort = rewrites.Count > 0 ? world.DatabaseProxy.Port : null,
        });
        ExpectedJob job = world.NewJob(1);
        await world.SubmitAsync(job);
        await zombie.StoppedAsync(TimeSpan.FromSeconds(60));
        world.Inject("zombie");

        // Another thread of the zombie may have been inside a transaction, which keeps its locks until the server ends the session: 30 s.
        await world.MeasureAsync("zombie", 60, async () =>
        {
            world.StartWorker(setup);
            await world.UntilEndedAsync(job, TimeSpan.FromSeconds(90));
        });
        await zombie.ContinueAsync();
        LedgerRecord write = await world.UntilRecordedAsync(
            record => record.Pid == zombie.Id && record.Event is LedgerEvent.Committed or LedgerEvent.WriteFailed, "the zombie's write");
        foreach (FlowRewrite rewrite in rewrites)
        {
            world.Require(rewrite.Count > 0, "statements must hold the text of the guard that is taken away; got none");
        }

        return write;
    }
}
