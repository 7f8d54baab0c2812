using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Qwen3VL.Batch.Pipeline;
using Qwen3VL.Batch.Storage;
using Qwen3VL.Batch.Worker.Composition;
using Qwen3VL.TestKit;
using Shouldly;
using Xunit;

namespace Qwen3VL.Batch.Tests.Composition;

public sealed class QuarantineSupervisorTests : IQuarantine, IQuarantineProcess, IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly ManualTime _time = new();
    private readonly DrainSignal _drain = new();
    private readonly QuarantineSupervisor _supervisor;
    private volatile bool _needed;
    private int _started;
    private int _running;
    private int _mostRunning;
    private TaskCompletionSource<int> _exit = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public QuarantineSupervisorTests()
    {
        var metrics = new BatchMetrics(_services.GetRequiredService<IMeterFactory>());
        _supervisor = new QuarantineSupervisor(this, this, _drain, new WorkerOptions(), metrics, _time, NullLogger<QuarantineSupervisor>.Instance);
    }

    [Fact]
    public async Task Run_NothingInQuarantine_StartsNone()
    {
        await _supervisor.StartAsync(CancellationToken.None);

        _time.Advance(TimeSpan.FromMinutes(1));
        await _supervisor.StopAsync(CancellationToken.None).WaitAsync(Patience);

        _started.ShouldBe(0);
    }

    [Fact]
    public async Task Run_ChildCrashesAgainAndAgain_NeverMoreThanOneAndAPauseBetween()
    {
        _needed = true;
        await _supervisor.StartAsync(CancellationToken.None);
        for (int round = 1; round <= 3; round++)
        {
            await AdvanceUntilAsync(() => _started == round);
            TaskCompletionSource<int> exit = _exit;
            _exit = new(TaskCreationOptions.RunContinuationsAsynchronously);
            exit.SetResult(137);
        }

        await _supervisor.StopAsync(CancellationToken.None).WaitAsync(Patience);

        _mostRunning.ShouldBe(1);
    }

    [Fact]
    public async Task Drain_ChildRuns_IsAskedToEndAndWaitedFor()
    {
        _needed = true;
        await _supervisor.StartAsync(CancellationToken.None);
        await AdvanceUntilAsync(() => _started == 1);

        _drain.Begin();
        await _supervisor.ExecuteTask.ShouldNotBeNull().WaitAsync(Patience);

        _running.ShouldBe(0);
    }

    [Fact]
    public void CreateStart_SettingsOfTheCommandLine_GoIntoTheEnvironmentOnly()
    {
        Settings settings = Settings.Load(
            new Dictionary<string, string?>
            {
                ["Database:ConnectionString"] = "Host=127.0.0.1;Password=hidden-secret",
                ["Broker:User"] = "u",
                ["Broker:Password"] = "hidden-secret",
                ["Media:SourceRoot"] = AppContext.BaseDirectory,
                ["Worker:HealthPort"] = "8080",
                ["Worker:Slots"] = null,
            },
            SettingsSections.All);

        ProcessStartInfo start = QuarantineProcess.CreateStart(settings);

        string.Join(' ', start.ArgumentList).ShouldEndWith("worker --lanes quarantine --supervised");
        string.Join(' ', start.ArgumentList).ShouldNotContain("hidden-secret");
        start.Environment["QWEN3VL_Broker__Password"].ShouldBe("hidden-secret");
        start.Environment["QWEN3VL_Worker__HealthPort"].ShouldBe("0");
        start.Environment.ContainsKey("QWEN3VL_Worker__Slots").ShouldBeFalse();
        start.RedirectStandardInput.ShouldBeTrue();
    }

    [Fact]
    public async Task ParentWatch_InputEnds_SaysThatTheParentIsGone()
    {
        using ParentWatch watch = ParentWatch.Start(Stream.Null);

        await Eventually.TrueAsync(() => Task.FromResult(watch.Gone.IsCancellationRequested), Patience, "the parent's end");
    }

    public Task<bool> IsReadyAsync(CancellationToken cancellationToken) => Task.FromResult(_needed);

    public Task<bool> NeedsWorkerAsync(TimeSpan silence, CancellationToken cancellationToken) => Task.FromResult(_needed);

    public async Task<int> RunAsync(CancellationToken stop)
    {
        _mostRunning = Math.Max(_mostRunning, Interlocked.Increment(ref _running));
        _ = Interlocked.Increment(ref _started);
        TaskCompletionSource<int> exit = _exit;
        using CancellationTokenRegistration stopped = stop.Register(() => exit.TrySetResult(0));
        try
        {
            return await exit.Task;
        }
        finally
        {
            _ = Interlocked.Decrement(ref _running);
        }
    }

    public void Dispose()
    {
        _supervisor.Dispose();
        _drain.Dispose();
        _services.Dispose();
    }

    private Task AdvanceUntilAsync(Func<bool> holds) => Eventually.TrueAsync(
        () =>
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            return Task.FromResult(holds());
        },
        Patience,
        "a child");
}
