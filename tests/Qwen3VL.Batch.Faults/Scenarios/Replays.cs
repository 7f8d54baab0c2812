using Qwen3VL.Batch.Contracts.V1;
using Qwen3VL.Batch.Faults.Checking;
using Qwen3VL.Batch.Faults.Control;
using Qwen3VL.Batch.Faults.Processes;
using Qwen3VL.Batch.Messaging;

namespace Qwen3VL.Batch.Faults.Scenarios;

/// <summary>Dead letters that are replayed: twice at once, and by a worker that dies of it (F35).</summary>
internal static class Replays
{
    private const int Poison = 2;

    /// <summary>The scenarios.</summary>
    public static IReadOnlyList<Scenario> All { get; } =
    [
        new("F35", "a replay that comes twice at once, with two names", world => ReplayAsync(world, crashAt: null)) { Tier = Tier.Fast },
        new("F35-kill", "a replay whose worker dies before it commits", world => ReplayAsync(world, CrashPoint.BeforeReplayCommit)),
    ];

    private static async Task ReplayAsync(World world, string? crashAt)
    {
        WorkerProcess first = world.StartWorker(new WorkerSetup { CrashAt = crashAt });
        if (crashAt is null)
        {
            world.StartWorker();
        }

        ExpectedJob job = world.NewJob(4) with { States = ["partial"], PoisonPages = [Poison] };
        world.Folder.WriteOrders([new FaultOrder(FaultAction.Refuse) { PageNo = Poison }]);
        await world.SubmitAsync(job);
        await world.UntilEndedAsync(job);
        Guid letter = await world.SeeAsync<Guid>("SELECT coalesce((SELECT id FROM vq.dead_letters WHERE source = 'chunk' LIMIT 1), '00000000-0000-0000-0000-000000000000')", null, id => id != Guid.Empty, "a dead letter");
        world.Folder.WriteOrders([]);
        ReplayDeadLetters[] replays = [.. Enumerable.Range(0, 2).Select(_ => new ReplayDeadLetters { ReplayId = Guid.CreateVersion7(World.Time.GetUtcNow()), RequestedBy = "fault suite", Ids = [letter] })];

        // Twice each: repeats of one replay, and another of the same letter.
        await Task.WhenAll(replays.Concat(replays).Select(replay => SendAsync(world, replay)));
        if (crashAt is not null)
        {
            int code = await first.ExitAsync(TimeSpan.FromSeconds(60));
            world.Require(code == 137, $"worker must die of SIGKILL at {crashAt}; ended with {code}");
            world.StartWorker();
        }

        Guid followUp = await world.SeeAsync<Guid>(
            "SELECT coalesce((SELECT id FROM vq.jobs WHERE replay_of IS NOT NULL AND state = 'succeeded' LIMIT 1), '00000000-0000-0000-0000-000000000000')", null, id => id != Guid.Empty, "a follow-up job that succeeded");
        string key = await world.ValueAsync<string>("SELECT idem_key FROM vq.jobs WHERE id = @followUp", new { followUp });
        world.Expected.Jobs.Add(new ExpectedJob(key, job.Source));
        int audited = await world.ValueAsync<int>("SELECT count(*)::int FROM vq.dead_letter_audit WHERE action = 'replayed' AND dead_letter_id = @letter", new { letter });
        world.Require(audited == 1, $"a dead letter must be replayed once; the audit says {audited}");
    }

    private static async Task SendAsync(World world, ReplayDeadLetters replay)
    {
        await using CommandClient client = await CommandClient.ConnectAsync(world.Broker, World.Time, CancellationToken.None);
        await client.SendAsync(replay, CancellationToken.None);
    }
}
