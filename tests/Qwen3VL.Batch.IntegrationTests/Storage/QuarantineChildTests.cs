using Microsoft.Extensions.Logging.Abstractions;
using Qwen3VL.Batch.Storage;
using Qwen3VL.Batch.Worker.Composition;
using Qwen3VL.TestKit;
using Shouldly;
using Xunit;

namespace Qwen3VL.Batch.IntegrationTests.Storage;

/// <summary>Processes of the quarantine lane that several workers start for the same group, run here without the process.</summary>
[Collection(PostgresServer.Collection)]
public sealed class QuarantineChildTests(PostgresServer server) : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly TaskCompletionSource _loading = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private LedgerDatabase _database = null!; // set before each test
    private Dictionary<string, string?> _overrides = [];
    private int _loads;

    public async Task InitializeAsync()
    {
        string connectionString = await server.CreateMigratedDatabaseAsync();
        _database = LedgerDatabase.Open(connectionString);
        _overrides = new()
        {
            ["Database:ConnectionString"] = TestLogins.AsWorker(connectionString),
            ["Broker:User"] = "u",
            ["Broker:Password"] = "p",
            ["Media:SourceRoot"] = AppContext.BaseDirectory,
            ["Engine:ModelFolder"] = AppContext.BaseDirectory,
            ["Worker:Lanes"] = "quarantine",
        };
    }

    public async Task DisposeAsync() => await _database.DisposeAsync();

    [Fact]
    public async Task Run_SecondChild_EndsWithoutLoadingAndNoThirdIsStarted()
    {
        await QuarantineAsync();
        var quarantine = new PostgresQuarantine(_database.WorkerSource);
        using var stop = new CancellationTokenSource();
        (await quarantine.NeedsWorkerAsync(Patience, default)).ShouldBeTrue();
        Task<int> first = RunAsync(stop.Token);
        await _loading.Task.WaitAsync(Patience);

        (await RunAsync(CancellationToken.None).WaitAsync(Patience)).ShouldBe(0);
        (await quarantine.NeedsWorkerAsync(Patience, default)).ShouldBeFalse();

        _loads.ShouldBe(1);
        await stop.CancelAsync();
        (await first.WaitAsync(Patience)).ShouldBe(0, "a stop while the model loads is an orderly end");
        await Eventually.TrueAsync(() => quarantine.NeedsWorkerAsync(Patience, default), Patience, "a place for the next child");
    }

    [Fact]
    public async Task Pass_LaneStaysEmpty_GivesUpAtTheLimit()
    {
        Settings settings = Settings.Load(_overrides, SettingsSections.All);
        TimeSpan limit = QuarantineIdle.Limit(settings.Worker);
        var time = new ManualTime();
        DateTimeOffset begun = time.GetUtcNow();

        Task<bool> pass = QuarantineGate.PassAsync(settings, limit, time, NullLogger.Instance, CancellationToken.None);
        await Eventually.TrueAsync(
            () =>
            {
                if (time.ArmedTimers > 0)
                {
                    time.Advance(limit / 4);
                }

                return Task.FromResult(pass.IsCompleted);
            },
            Patience,
            "the end of the wait");

        (await pass).ShouldBeFalse();
        (time.GetUtcNow() - begun).ShouldBeGreaterThanOrEqualTo(limit);
    }

    private Task<int> RunAsync(CancellationToken cancellationToken) => WorkerHost.RunAsync(
        _overrides,
        new WorkerParts
        {
            LoadEngine = (_, _, token) =>
            {
                Interlocked.Increment(ref _loads);
                _loading.TrySetResult();
                token.WaitHandle.WaitOne();
                throw new OperationCanceledException(token);
            },
        },
        supervised: true,
        cancellationToken);

    // A group of the lane that nobody holds.
    private async Task QuarantineAsync()
    {
        long worker = await _database.WorkerAsync();
        await _database.SubmitPlannedAsync("suspect", LedgerDatabase.Plan(1), worker);
        await _database.ExecuteAsync("UPDATE vq.work SET lane = 2, lease_until = NULL, lease_owner = NULL, run_at = now()");
    }
}
