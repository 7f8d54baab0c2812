using Qwen3VL.Batch.Contracts.V1;
using Qwen3VL.Batch.Faults.Checking;
using Qwen3VL.Batch.Faults.Controls;
using Qwen3VL.Batch.Faults.Ledger;
using Qwen3VL.Batch.Faults.Processes;

namespace Qwen3VL.Batch.Faults.Scenarios;

/// <summary>Workers that stop for longer than their lease and come back (F17).</summary>
internal static class Zombies
{
    /// <summary>The scenarios.</summary>
    public static IReadOnlyList<Scenario> All { get; } =
    [
        new("F17", "SIGSTOP of a worker for longer than its lease, at any moment", StopAsync) { Tier = Tier.Fast },
        new("F17-forced", "SIGSTOP of a worker between the engine's answer and the commit", ForceAsync) { Tier = Tier.Fast },
    ];

    private static async Task ForceAsync(World world)
    {
        LedgerRecord write = await ZombieWindow.ForceAsync(world, hasDeadline: true);
        world.Require(
            write.Event == LedgerEvent.WriteFailed || write.Note == "Superseded",
            $"the zombie's write must be stopped by its own clock or refused as Superseded; got {write.Event} {write.Note}");
    }

    private static async Task StopAsync(World world)
    {
        var setup = new WorkerSetup { Slots = 1, DelayMs = 100, ChunksAtOnce = 2 };
        WorkerProcess zombie = world.StartWorker(setup);
        for (int round = 0; round < world.ByTier(1, 6); round++)
        {
            ExpectedJob job = world.NewJob(24, JobTaskKind.Ocr, JobTaskKind.Summary);
            int done = await world.DoneAsync();
            await world.SubmitAsync(job);
            await world.UntilDoneAsync(done + 1 + world.Random.Next(6));
            world.Inject("zombie");
            await zombie.StopAsync();
            WorkerProcess other = world.StartWorker(setup);

            // A worker that stops inside a transaction keeps its locks until the server ends the session: 30 s.
            await world.MeasureAsync("zombie at any moment", 60, () => world.UntilEndedAsync(job, TimeSpan.FromSeconds(90)));
            await zombie.ContinueAsync();

            // The one that came back works again.
            await other.KillAsync();
            ExpectedJob next = world.NewJob(4);
            await world.SubmitAsync(next);
            await world.UntilEndedAsync(next);
        }

        world.Require(!zombie.HasExited, "a worker that was stopped must go on; it ended");
        world.Expected.RedonePerLostClaim = setup.ChunksAtOnce;
    }
}
