using Qwen3VL.Batch.Faults.Checking;
using Qwen3VL.Batch.Faults.Control;
using Qwen3VL.Batch.Faults.Controls;
using Qwen3VL.Batch.Faults.Ledger;
using Qwen3VL.Batch.Faults.Network;
using Qwen3VL.Batch.Faults.Processes;
using Qwen3VL.Batch.Messaging;
using Qwen3VL.Batch.Storage;
using RabbitMQ.Client;

namespace Qwen3VL.Batch.Faults.Scenarios;

/// <summary>
/// The suite's own test: a guard is taken away, the fault that it stands against is forced, and the checker must say so. Guards that stand behind
/// each other are taken away one by one, then together: <see cref="GuardTable"/> says which those are.
/// </summary>
internal static class NegativeControls
{
    // How a write that comes too late is answered: by the ledger, or by the database with a SQLSTATE (PostgreSQL manual, appendix A).
    private const string Superseded = "Superseded";
    private const string UniqueViolation = "23505";
    private const string CheckViolation = "23514";

    // A run that is broken on purpose never comes to rest.
    private static readonly TimeSpan ShortSettle = TimeSpan.FromSeconds(5);

    /// <summary>The scenarios.</summary>
    public static IReadOnlyList<Scenario> All { get; } =
    [
        Spared("N-local_deadline", Superseded),
        Spared("N-lease_check", Superseded, DatabaseGuard.LeaseCheck) with { Tier = Tier.Full },
        Spared("N-chunk_cas", Superseded, DatabaseGuard.ChunkCas) with { Tier = Tier.Full },
        Spared("N-lease_check-chunk_cas", UniqueViolation, DatabaseGuard.LeaseCheck, DatabaseGuard.ChunkCas),
        Spared("N-result_keys", CheckViolation, DatabaseGuard.LeaseCheck, DatabaseGuard.ChunkCas, DatabaseGuard.ResultKeys) with { Tier = Tier.Full },
        Caught("N-counter_checks", ["must be stored once"], DatabaseGuard.LeaseCheck, DatabaseGuard.ChunkCas, DatabaseGuard.ResultKeys, DatabaseGuard.CounterChecks),
        Caught(
            "N-billable_index",
            ["I5"],
            DatabaseGuard.LeaseCheck, DatabaseGuard.ChunkCas, DatabaseGuard.ResultKeys, DatabaseGuard.CounterChecks, DatabaseGuard.BillableIndex),
        Control("N-idempotency_key", "a command comes twice; without the key of keys", RepeatWithoutKeyAsync, "I1"),
        Control("N-request_hash", "a key comes again with another body; without the comparison", ConflictWithoutHashAsync, "I8"),
        Control("N-outbox_in_transaction", "kill -9 after a commit; without the event in it", DieBeforeLateEventAsync, "I6"),
        Control("N-confirm_wait", "kill -9 before a sending; without waiting for confirms", DieBeforeSendAsync, "I6"),
        Control("N-replay_cas", "two replays of one letter at once; without the compare-and-set", world => Replays.ForceAsync(world, DatabaseGuard.ReplayCas), "I8") with { Tier = Tier.Full },
        Control("N-crash_evidence", "a page that kills its worker whenever it is read; without counting lost starts", CrashWithoutEvidenceAsync, "I1", "I10") with { Tier = Tier.Full },
        Control("N-mandatory", "a command to an exchange without a queue; without mandatory", LoseCommandAsync, "I8"),
    ];

    private static Scenario Control(string id, string fault, Func<World, Task> run, params IReadOnlyList<string> mustReport) =>
        new(id, fault, run) { Tier = Tier.Fast, MustReport = mustReport, SettleLimit = ShortSettle };

    // Some guards of several: the next one behind them must refuse the zombie's write.
    private static Scenario Spared(string id, string refusal, params IReadOnlyList<DatabaseGuard> without) =>
        new(id, $"zombie without {Names(without)}: the guards behind must hold", async world =>
        {
            LedgerRecord write = await ZombieWindow.ForceAsync(world, hasDeadline: false, without);
            world.Require(write.Note == refusal, $"the zombie's write must be refused by {refusal}; got {write.Note}");
        })
        { Tier = Tier.Fast };

    private static Scenario Caught(string id, IReadOnlyList<string> mustReport, params IReadOnlyList<DatabaseGuard> without) =>
        Control(id, $"zombie without {Names(without)}", world => ZombieWindow.ForceAsync(world, hasDeadline: false, without), mustReport);

    private static string Names(IReadOnlyList<DatabaseGuard> without) => string.Join(", ", [Guard.LocalDeadline, .. without.Select(guard => guard.Name)]);

    private static async Task RepeatWithoutKeyAsync(World world)
    {
        _ = await world.TakeAwayAsync(DatabaseGuard.IdempotencyKey);
        world.StartWorker();
        ExpectedJob job = world.NewJob(1);
        world.Expected.Jobs.Add(job);
        await world.SendAsync(World.Command(job), World.Command(job));
        _ = await world.SeeAsync<long>("SELECT count(*) FROM vq.jobs WHERE finished_at IS NOT NULL", null, ended => ended >= 2, "two jobs of one key");
    }

    private static async Task ConflictWithoutHashAsync(World world)
    {
        IReadOnlyList<FlowRewrite> rewrites = await world.TakeAwayAsync(DatabaseGuard.RequestHash);
        world.StartWorker(new WorkerSetup { DatabasePort = world.DatabaseProxy.Port });
        ExpectedJob job = world.NewJob(1);
        await world.SubmitAsync(job);
        await world.UntilEndedAsync(job);
        world.Expected.Rejections.Add(job.Key);
        await world.SendAsync(World.Command(job) with { Priority = 9 });
        await World.UntilAsync(() => Task.FromResult(rewrites.All(rewrite => rewrite.Count > 0)), "the comparison that is taken away");
    }

    private static async Task DieBeforeLateEventAsync(World world)
    {
        _ = await world.TakeAwayAsync(DatabaseGuard.OutboxInTransaction);
        var setup = new WorkerSetup { WithoutGuards = Guard.OutboxInTransaction };
        WorkerProcess victim = world.StartWorker(setup with { CrashAt = ReachedPoint.AfterCommit + ":2" });
        ExpectedJob told = world.NewJob(1);
        await world.SubmitAsync(told);
        await world.UntilEndedAsync(told);
        await World.UntilAsync(() => Task.FromResult(world.Events.Any(seen => seen.IsFinal)), "the late event of a worker that lives");
        await world.SubmitAsync(world.NewJob(1));
        _ = await victim.ExitAsync(TimeSpan.FromSeconds(60));
        world.StartWorker(setup);
    }

    private static async Task DieBeforeSendAsync(World world)
    {
        var setup = new WorkerSetup { WithoutGuards = Guard.ConfirmWait };
        WorkerProcess victim = world.StartWorker(setup with { CrashAt = ReachedPoint.BeforeSend });
        ExpectedJob job = world.NewJob(1);
        await world.SubmitAsync(job);
        _ = await victim.ExitAsync(TimeSpan.FromSeconds(60));
        world.StartWorker(setup);
        await world.UntilEndedAsync(job);
    }

    private static async Task CrashWithoutEvidenceAsync(World world)
    {
        const int killer = 4;
        IReadOnlyList<FlowRewrite> rewrites = await world.TakeAwayAsync(DatabaseGuard.CrashEvidence);
        world.Folder.WriteOrders([new FaultOrder(FaultAction.Crash) { PageNo = killer }]);
        ExpectedJob job = world.NewJob(4) with { States = ["partial"], PoisonPages = [killer] };
        var setup = new WorkerSetup { Slots = 1, ChunksAtOnce = 2, DatabasePort = world.DatabaseProxy.Port };
        await world.SubmitAsync(job);

        // As many as give a chunk up: with the evidence the transaction that writes the last of them would end it.
        await world.KeepWorkersAsync(setup, 1, () => world.SeeAsync<int>(
            "SELECT count(*)::int FROM vq.chunk_attempts a JOIN vq.chunks c USING (job_id, chunk_no) WHERE a.outcome = 'lost' AND c.first_unit = @killer",
            new { killer },
            lost => lost >= Quarantine.FinalLosses,
            "lost executions of the page",
            TimeSpan.FromSeconds(180)));
        world.Require(rewrites.All(rewrite => rewrite.Count > 0), "statements must hold the count that is taken away; got none");
    }

    private static async Task LoseCommandAsync(World world)
    {
        // basic.publish: exchange and routing key as short strings, then a byte of flags: mandatory is its lowest bit. Source: AMQP 0-9-1.
        string publish = (char)BrokerNames.Commands.Length + BrokerNames.Commands + "\0";
        var rewrite = new FlowRewrite(publish + "\u0001", publish + "\0");
        world.BrokerProxy.ToServer.Rewrites = [rewrite];
        BrokerOptions through = world.Broker with { Port = world.BrokerProxy.Port };
        await using CommandClient client = await CommandClient.ConnectAsync(through, World.Time, CancellationToken.None);
        await using IConnection direct = await BrokerConnection.OpenAsync(world.Broker, "fault suite", CancellationToken.None);
        await using IChannel channel = await direct.CreateChannelAsync();
        _ = await channel.QueueDeleteAsync(BrokerNames.Commands, ifUnused: false, ifEmpty: false, cancellationToken: CancellationToken.None);
        ExpectedJob job = world.NewJob(1);
        await world.SendAsync(client, World.Command(job));
        world.Require(rewrite.Count > 0, "the flag of the command must have been taken away; it was not");
    }
}
