using System.Diagnostics;
using Npgsql;
using Qwen3VL.Batch.Faults.Checking;
using Qwen3VL.Batch.Faults.Checking.Rules;
using Qwen3VL.Batch.Faults.Controls;
using Qwen3VL.Batch.Faults.Ledger;
using Qwen3VL.Batch.Faults.Network;
using Qwen3VL.Batch.Faults.Processes;
using Qwen3VL.Batch.Messaging;
using Qwen3VL.TestKit;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace Qwen3VL.Batch.Faults.Scenarios;

/// <content>Coming to rest, and the check.</content>
internal sealed partial class World
{
    private const string IsSettled =
        """
        SELECT NOT EXISTS (SELECT FROM vq.jobs WHERE state NOT IN ('succeeded', 'partial', 'failed', 'cancelled'))
          AND (SELECT count(*) FROM vq.idempotency_keys) >= @Keys
          AND (SELECT count(*) FROM vq.rejections) >= @Rejections
          AND NOT EXISTS (SELECT FROM vq.work) AND NOT EXISTS (SELECT FROM vq.outbox)
        """;

    private const double UsualBootSeconds = 3;
    private const double FinalEventsSeconds = 10;

    private static readonly TimeSpan SessionsLimit = TimeSpan.FromSeconds(5);

    /// <summary>Measures how long something takes to be right again.</summary>
    public async Task MeasureAsync(string name, double boundSeconds, Func<Task> untilRight)
    {
        var watch = Stopwatch.StartNew();
        await untilRight();
        Expected.Recoveries.Add(new Recovery(name, watch.Elapsed, TimeSpan.FromSeconds(boundSeconds)));
    }

    /// <summary>Waits until nothing is left to do and every final event has been seen. False when that took too long: the checker says what is missing.</summary>
    public async Task<bool> SettleAsync(TimeSpan limit)
    {
        try
        {
            var counts = new { Keys = Expected.Jobs.Count, Rejections = Expected.Rejections.Count };
            _ = await SeeAsync<bool>(IsSettled, counts, settled => settled, "rest", limit);
            long ended = await ValueAsync<long>("SELECT count(*) FROM vq.jobs");
            await UntilAsync(
                () => Task.FromResult(Events.Where(seen => seen.IsFinal).Select(seen => seen.Job).Distinct().Count() >= ended), "the final events", Math.Min(limit.TotalSeconds, FinalEventsSeconds));
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    /// <summary>Stops the workers, reads everything and checks it.</summary>
    public async Task<CheckReport> CheckAsync()
    {
        await StopWorkersAsync();
        Expected.Slowness = await SlownessAsync();
        RunState read = await ReadAtRestAsync();
        RunState state = read with
        {
            Events = Events,
            Ledger = LedgerFile.ReadAll(Folder.Ledgers),
            ResidentMiB = _residentMiB,
            DeadCommands = read.DeadCommands + await DeadQueueAsync(),
            LeftProcesses = await LeftProcessesAsync(),
            CommandConsumers = await CommandConsumersAsync(),
        };
        return Checker.Check(state, Expected);
    }

    /// <summary>Waits until some process has written a record down; returns it.</summary>
    public async Task<LedgerRecord> UntilRecordedAsync(Func<LedgerRecord, bool> wanted, string what) => await Eventually.SeeAsync(
        () => Task.FromResult(LedgerFile.ReadAll(Folder.Ledgers).FirstOrDefault(wanted)), record => record is not null, Patience, what)
        ?? throw new InvalidOperationException("a record that was seen must be there; got none");

    /// <summary>Claims of groups beyond one each so far.</summary>
    public int LostClaims() => RedoneRule.LostClaims(new RunState { Ledger = LedgerFile.ReadAll(Folder.Ledgers) });

    /// <summary>Takes guards of the database away; statements must go through <see cref="DatabaseProxy"/> for those that live in them.</summary>
    /// <returns>Replacements that must be done at least once each.</returns>
    public async Task<IReadOnlyList<FlowRewrite>> TakeAwayAsync(params IReadOnlyList<DatabaseGuard> guards)
    {
        foreach (string ddl in guards.Select(guard => guard.Ddl).OfType<string>())
        {
            await ExecuteAsync(ddl);
        }

        FlowRewrite[] rewrites = [.. guards.SelectMany(guard => guard.Rewrites())];
        if (rewrites.Length > 0)
        {
            DatabaseProxy.ToServer.Rewrites = rewrites;
        }

        return rewrites;
    }

    /// <summary>Messages in the dead-letter queue.</summary>
    public Task<long> DeadQueueAsync() => CountMessagesAsync(BrokerNames.Dead);

    /// <summary>Commands that were given up: in the dead-letter queue, or taken from it.</summary>
    public async Task<long> DeadCommandsAsync() => await DeadQueueAsync() + await ValueAsync<long>("SELECT count(*) FROM vq.dead_letters WHERE source = 'message'");

    /// <summary>Commands that wait to be delivered.</summary>
    public Task<long> ReadyCommandsAsync() => CountMessagesAsync(BrokerNames.Commands);

    /// <summary>Waits until so many connections take commands: one each for a worker with a bus.</summary>
    public async Task UntilConsumersAsync(int consumers)
    {
        await using IConnection connection = await BrokerConnection.OpenAsync(Broker, "fault suite", CancellationToken.None);
        await using IChannel channel = await connection.CreateChannelAsync();
        await UntilAsync(async () => await channel.ConsumerCountAsync(BrokerNames.Commands) >= consumers, $"{consumers} consumers of commands");
    }

    private async Task<double> SlownessAsync()
    {
        try
        {
            return Math.Max(1, await LongestBootAsync() / UsualBootSeconds);
        }
        catch (NpgsqlException)
        {
            // Away: nothing says that the machine is slow.
            return 1;
        }
    }

    // From the start of a process until it told the database that it is there.
    private async Task<double> LongestBootAsync()
    {
        double longest = 0;
        foreach (WorkerProcess worker in _workers)
        {
            DateTime? registered = await ValueAsync<DateTime?>("SELECT min(started_at) FROM vq.workers WHERE pid = @Id", worker);
            DateTime? until = registered ?? (worker.HasExited ? null : Time.GetUtcNow().UtcDateTime);
            longest = Math.Max(longest, until is { } at ? (at - worker.StartedAt).TotalSeconds : 0);
        }

        Counts["longest start of a worker s"] = longest;
        return longest;
    }

    private async Task<long> CountMessagesAsync(string queue)
    {
        await using IConnection connection = await BrokerConnection.OpenAsync(Broker, "fault suite", CancellationToken.None);
        await using IChannel channel = await connection.CreateChannelAsync();
        return await channel.MessageCountAsync(queue);
    }

    // Children of a process that was killed end a moment after it.
    private async Task<IReadOnlyList<int>> LeftProcessesAsync()
    {
        int[] groups = [.. _workers.Select(worker => worker.Id)];
        var watch = Stopwatch.StartNew();
        while (true)
        {
            IReadOnlyList<int> left = ProcessFacts.Belonging(groups, Folder.Path);
            if (left.Count == 0 || watch.Elapsed > SessionsLimit)
            {
                return left;
            }

            await Task.Delay(SessionsLimit / 50, Time);
        }
    }

    private async Task<long> CommandConsumersAsync()
    {
        var watch = Stopwatch.StartNew();
        await using IConnection connection = await BrokerConnection.OpenAsync(Broker, "fault suite", CancellationToken.None);
        while (true)
        {
            long consumers;
            await using (IChannel channel = await connection.CreateChannelAsync())
            {
                try
                {
                    consumers = await channel.ConsumerCountAsync(BrokerNames.Commands);
                }
                catch (OperationInterruptedException)
                {
                    // There is no queue.
                    return 0;
                }
            }

            if (consumers == 0 || watch.Elapsed > SessionsLimit)
            {
                return consumers;
            }

            await Task.Delay(SessionsLimit / 50, Time);
        }
    }

    // The server notices a moment later that a client is gone.
    private async Task<RunState> ReadAtRestAsync()
    {
        var watch = Stopwatch.StartNew();
        while (true)
        {
            RunState state = await RunStateReader.ReadAsync(Database, CancellationToken.None);
            if (state.WorkerSessions == 0 || watch.Elapsed > SessionsLimit)
            {
                return state;
            }

            await Task.Delay(SessionsLimit / 50, Time);
        }
    }
}
