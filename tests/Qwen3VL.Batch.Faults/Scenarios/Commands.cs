using Qwen3VL.Batch.Contracts.V1;
using Qwen3VL.Batch.Faults.Checking;

namespace Qwen3VL.Batch.Faults.Scenarios;

/// <summary>Messages that come more than once (F18), and keys that are used twice (F19).</summary>
internal static class Commands
{
    private const int Clients = 4;

    // Each deleted row of the outbox comes back with its id, so many times: a relay that forgets again and again what it has sent.
    private const string RepeatEvents =
        """
        CREATE SCHEMA faults;
        CREATE TABLE faults.repeats (id uuid PRIMARY KEY, left_over int NOT NULL);
        CREATE FUNCTION faults.repeat() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE again int;
        BEGIN
          INSERT INTO faults.repeats VALUES (OLD.id, 9) ON CONFLICT (id) DO UPDATE SET left_over = faults.repeats.left_over - 1 RETURNING left_over INTO again;
          IF again > 0 THEN
            OLD.run_at := now();
            INSERT INTO vq.outbox SELECT OLD.*;
          END IF;
          RETURN NULL;
        END $$;
        CREATE TRIGGER repeat AFTER DELETE ON vq.outbox FOR EACH ROW EXECUTE FUNCTION faults.repeat()
        """;

    /// <summary>The scenarios.</summary>
    public static IReadOnlyList<Scenario> All { get; } =
    [
        new("F18", "every command 50 times, every event 10 times", RepeatAsync) { Tier = Tier.Fast },
        new("F19", "100 equal commands at once, then others under the same key", ConflictAsync) { Tier = Tier.Fast },
    ];

    private static async Task RepeatAsync(World world)
    {
        const int repeats = 50;
        await world.ExecuteAsync(RepeatEvents);
        world.StartWorker();
        world.StartWorker();
        ExpectedJob[] jobs = [.. Enumerable.Range(0, world.ByTier(3, 10)).Select(_ => world.NewJob(4))];
        world.Expected.Jobs.AddRange(jobs);
        await SendAtOnceAsync(world, [.. Enumerable.Repeat(jobs, repeats).SelectMany(all => all).Select(World.Command)]);
        foreach (ExpectedJob job in jobs)
        {
            await world.UntilEndedAsync(job);
        }

        // A delivery that repeats is acknowledged like any other; the queue must run empty too.
        await World.UntilAsync(async () => await world.ReadyCommandsAsync() == 0, "an empty queue of commands");
        await World.UntilAsync(() => Task.FromResult(world.EventRepeats >= jobs.Length), "events that come again");
        world.Counts["commands sent"] = jobs.Length * repeats;
    }

    private static async Task ConflictAsync(World world)
    {
        const int equal = 100;
        const int others = 5;
        world.StartWorker();
        world.StartWorker();
        ExpectedJob job = world.NewJob(2);
        world.Expected.Jobs.Add(job);
        await SendAtOnceAsync(world, [.. Enumerable.Repeat(World.Command(job), equal)]);
        await world.JobIdAsync(job);
        world.Expected.Rejections.Add(job.Key);
        await SendAtOnceAsync(world, [.. Enumerable.Range(1, others).Select(seed => World.Command(job) with { Options = new JobOptions { Seed = seed } })]);
        long refused = await world.SeeAsync<long>("SELECT count(*) FROM vq.rejections WHERE code = 'idempotency_conflict'", null, count => count >= others, "refusals");
        world.Require(refused == others, $"refused commands must be {others}; got {refused}");
    }

    private static Task SendAtOnceAsync(World world, IReadOnlyList<SubmitJob> commands) =>
        Task.WhenAll(commands.Chunk((commands.Count + Clients - 1) / Clients).Select(share => world.SendAsync(share)));
}
