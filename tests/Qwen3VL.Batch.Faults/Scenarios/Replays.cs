using Qwen3VL.Batch.Contracts.V1;
using Qwen3VL.Batch.Faults.Checking;
using Qwen3VL.Batch.Faults.Control;
using Qwen3VL.Batch.Faults.Controls;
using Qwen3VL.Batch.Faults.Network;
using Qwen3VL.Batch.Faults.Processes;
using Qwen3VL.Batch.Messaging;

namespace Qwen3VL.Batch.Faults.Scenarios;

/// <summary>Dead letters that are replayed: twice at once, and by a worker that dies of it (F35).</summary>
internal static class Replays
{
    private const int Poison = 2;

    private const string Waiting = "SELECT count(*)::int FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE '%vq.dead_letters%'";

    /// <summary>The scenarios.</summary>
    public static IReadOnlyList<Scenario> All { get; } =
    [
        new("F35", "a replay that comes twice at once, with two names", world => ReplayAsync(world, crashAt: null)) { Tier = Tier.Fast },
        new("F35-kill", "a replay whose worker dies before it commits", world => ReplayAsync(world, CrashPoint.BeforeReplayCommit)),
        new("F35-held", "a replay that waits for another of the same letter", world => ForceAsync(world)),
    ];

    /// <summary>
    /// Two replays of one letter, the second one begun before the first one commits: both have seen the letter open, and the lock of its row
    /// decides who is second. Returns when both have been answered.
    /// </summary>
    public static async Task ForceAsync(World world, params IReadOnlyList<DatabaseGuard> without)
    {
        IReadOnlyList<FlowRewrite> rewrites = await world.TakeAwayAsync(without);
        WorkerProcess first = world.StartWorker(new WorkerSetup { PauseAt = CrashPoint.BeforeReplayCommit });
        (ExpectedJob job, Guid letter) = await PoisonOneAsync(world);
        await SendAsync(world, NewReplay(letter));
        await first.StoppedAsync(TimeSpan.FromSeconds(60));
        world.StartWorker(new WorkerSetup { DatabasePort = rewrites.Count > 0 ? world.DatabaseProxy.Port : null });
        await world.UntilConsumersAsync(2);

        // The broker gives some of these to the one that is stopped: more than one, so that the other gets its own.
        ReplayDeadLetters second = NewReplay(letter);
        await Task.WhenAll(Enumerable.Repeat(second, 4).Select(replay => SendAsync(world, replay)));
        _ = await world.SeeAsync<int>(Waiting, null, waiting => waiting > 0, "a replay that waits for the other");
        await first.ContinueAsync();
        await ExpectFollowUpAsync(world, job);
        await World.UntilAsync(async () => await world.ReadyCommandsAsync() == 0 && await world.ValueAsync<int>(Waiting) == 0, "the answer to both replays");
        if (without.Count > 0)
        {
            _ = await world.SeeAsync<int>("SELECT count(*)::int FROM vq.jobs WHERE replay_of IS NOT NULL", null, jobs => jobs >= 2, "two follow-up jobs of one letter");
            world.Require(rewrites.All(rewrite => rewrite.Count > 0), "statements must hold the text of the guard that is taken away; got none");
        }
        else
        {
            await RequireOneAsync(world, letter);
        }
    }

    private static async Task ReplayAsync(World world, string? crashAt)
    {
        WorkerProcess first = world.StartWorker(new WorkerSetup { CrashAt = crashAt });
        if (crashAt is null)
        {
            world.StartWorker();
        }

        (ExpectedJob job, Guid letter) = await PoisonOneAsync(world);
        ReplayDeadLetters[] replays = [NewReplay(letter), NewReplay(letter)];

        // Twice each: repeats of one replay, and another of the same letter.
        await Task.WhenAll(replays.Concat(replays).Select(replay => SendAsync(world, replay)));
        if (crashAt is not null)
        {
            int code = await first.ExitAsync(TimeSpan.FromSeconds(60));
            world.Require(code == 137, $"worker must die of SIGKILL at {crashAt}; ended with {code}");
            world.StartWorker();
        }

        await ExpectFollowUpAsync(world, job);
        await RequireOneAsync(world, letter);
    }

    private static async Task<(ExpectedJob Job, Guid Letter)> PoisonOneAsync(World world)
    {
        ExpectedJob job = world.NewJob(4) with { States = ["partial"], PoisonPages = [Poison] };
        world.Folder.WriteOrders([new FaultOrder(FaultAction.Refuse) { PageNo = Poison }]);
        await world.SubmitAsync(job);
        await world.UntilEndedAsync(job);
        Guid letter = await world.SeeAsync<Guid>("SELECT coalesce((SELECT id FROM vq.dead_letters WHERE source = 'chunk' LIMIT 1), '00000000-0000-0000-0000-000000000000')", null, id => id != Guid.Empty, "a dead letter");
        world.Folder.WriteOrders([]);
        return (job, letter);
    }

    private static ReplayDeadLetters NewReplay(Guid letter) =>
        new() { ReplayId = Guid.CreateVersion7(World.Time.GetUtcNow()), RequestedBy = "fault suite", Ids = [letter] };

    private static async Task ExpectFollowUpAsync(World world, ExpectedJob job)
    {
        Guid followUp = await world.SeeAsync<Guid>(
            "SELECT coalesce((SELECT id FROM vq.jobs WHERE replay_of IS NOT NULL AND state = 'succeeded' ORDER BY id LIMIT 1), '00000000-0000-0000-0000-000000000000')", null, id => id != Guid.Empty, "a follow-up job that succeeded");
        string key = await world.ValueAsync<string>("SELECT idem_key FROM vq.jobs WHERE id = @followUp", new { followUp });
        world.Expected.Jobs.Add(new ExpectedJob(key, job.Source));
    }

    private static async Task RequireOneAsync(World world, Guid letter)
    {
        int audited = await world.ValueAsync<int>("SELECT count(*)::int FROM vq.dead_letter_audit WHERE action = 'replayed' AND dead_letter_id = @letter", new { letter });
        world.Require(audited == 1, $"a dead letter must be replayed once; the audit says {audited}");
    }

    private static async Task SendAsync(World world, ReplayDeadLetters replay)
    {
        await using CommandClient client = await CommandClient.ConnectAsync(world.Broker, World.Time, CancellationToken.None);
        await client.SendAsync(replay, CancellationToken.None);
    }
}
