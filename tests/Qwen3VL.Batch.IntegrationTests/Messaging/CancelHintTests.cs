using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Qwen3VL.Batch.Contracts.V1;
using Qwen3VL.Batch.IntegrationTests.Commands;
using Qwen3VL.Batch.IntegrationTests.Storage;
using Qwen3VL.Batch.Messaging;
using Qwen3VL.Batch.Pipeline;
using Qwen3VL.Batch.Worker.Commands;
using Qwen3VL.TestKit;
using Shouldly;
using Xunit;
using Xunit.Abstractions;

namespace Qwen3VL.Batch.IntegrationTests.Messaging;

[Collection(PostgresServer.Collection)]
public sealed class CancelHintTests(PostgresServer server, BrokerFixture broker, ITestOutputHelper output) : IClassFixture<BrokerFixture>
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    // By itself a heartbeat would come every ten minutes: what is seen within the test's patience is the hint's doing.
    private static readonly WorkerOptions Options = new() { LeaseSeconds = 1_800 };

    [Fact]
    public async Task Cancel_RecordedByAnyWorker_TheHolderStopsAtOnce()
    {
        await broker.StopHostAsync();
        await using LedgerDatabase database = await LedgerDatabase.CreateAsync(server);
        using IHost holder = Worker(database);
        using IHost other = Worker(database);
        await BrokerFixture.StartAsync(holder);
        await BrokerFixture.StartAsync(other);
        long worker = await database.WorkerAsync();
        var keeper = holder.Services.GetRequiredService<LeaseKeeper>();
        using var stop = new CancellationTokenSource();
        Task beats = keeper.RunAsync(worker, stop.Token);
        await using CommandClient client = await CommandClient.ConnectAsync(broker.Options, TimeProvider.System, CancellationToken.None);

        // The broker deals commands out in turn: some are recorded by the holder itself, some by the other worker.
        for (int round = 0; round < 6; round++)
        {
            Guid job = await database.SubmitPlannedAsync($"job {round}", LedgerDatabase.Plan(1), worker);
            HeldLease lease = keeper.Hold(await database.ClaimOneAsync(worker), TimeProvider.System.GetTimestamp());
            var stopped = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            lease.Token.Register(stopped.SetResult);
            long sentAt = Stopwatch.GetTimestamp();
            await client.SendAsync(new CancelJob { TenantId = LedgerDatabase.Tenant, JobId = job }, CancellationToken.None);

            await stopped.Task.WaitAsync(Patience);

            output.WriteLine($"cancel {round}: {Stopwatch.GetElapsedTime(sentAt).TotalMilliseconds:F0} ms from sending to the holder's stop");
            lease.End.ShouldBe(LeaseEnd.Cancelled);
            lease.Settle();
            await database.Ledger.FinishGroupAsync(lease.Group, CancellationToken.None);
            await lease.DisposeAsync();
        }

        await stop.CancelAsync();
        await beats;
        await other.StopAsync();
        await holder.StopAsync();
    }

    [Fact]
    public async Task Drain_Hinted_EveryWorkerLooksAtItsLeases()
    {
        using IHost other = broker.BuildHost();
        await other.StartAsync();
        await using CommandClient client = await CommandClient.ConnectAsync(broker.Options, TimeProvider.System, CancellationToken.None);
        WakeUp heard = other.Services.GetRequiredService<WakeUp>();

        // The queue may not be bound at the first hint.
        await Eventually.TrueAsync(
            async () =>
            {
                await client.HintAsync(new DrainRequested(7), CancellationToken.None);
                return await heard.Leases.WaitAsync(TimeSpan.FromMilliseconds(500), TimeProvider.System, CancellationToken.None);
            },
            Patience,
            "the hint");
        await other.StopAsync();
    }

    [Fact]
    public async Task DrainCommand_BrokerThere_EveryWorkerHearsIt()
    {
        string connectionString = await server.CreateMigratedDatabaseAsync();
        await using LedgerDatabase database = LedgerDatabase.Open(connectionString);
        string worker = (await database.WorkerAsync()).ToString(CultureInfo.InvariantCulture);
        using IHost other = broker.BuildHost();
        await BrokerFixture.StartAsync(other);
        WakeUp heard = other.Services.GetRequiredService<WakeUp>();
        Dictionary<string, string> environment = new()
        {
            ["QWEN3VL_Database__ConnectionString"] = TestLogins.AsWorker(connectionString),
            ["QWEN3VL_Broker__Host"] = broker.Options.Host,
            ["QWEN3VL_Broker__Port"] = broker.Options.Port.ToString(CultureInfo.InvariantCulture),
            ["QWEN3VL_Broker__User"] = broker.Options.User,
            ["QWEN3VL_Broker__Password"] = broker.Options.Password,
        };

        ProgramRun run = await ProgramRun.RunAsync(environment, "drain", worker);

        run.ExitCode.ShouldBe(ExitCodes.Done, run.Output);
        run.Output.ShouldNotContain("heartbeat");
        (await heard.Leases.WaitAsync(Patience, TimeProvider.System, CancellationToken.None)).ShouldBeTrue();
        await other.StopAsync();

        // The same without a broker is no failure.
        environment["QWEN3VL_Broker__Port"] = "1";
        run = await ProgramRun.RunAsync(environment, "drain", worker);
        run.ExitCode.ShouldBe(ExitCodes.Done, run.Output);
        run.Output.ShouldContain("the workers notice with their next heartbeat");
    }

    private IHost Worker(LedgerDatabase database) => broker.BuildHost(
        options => options,
        services =>
        {
            services.AddSingleton(database.Ledger);
            services.AddSingleton(database.Outbox);
            services.AddSingleton(database.DeadLetters);
            services.AddSingleton(Options);
            services.AddSingleton<LeaseKeeper>();
        });
}
