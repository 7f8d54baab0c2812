using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using Qwen3VL.Batch.Contracts.V1;
using Qwen3VL.Batch.Jobs;
using Qwen3VL.Batch.Messaging;
using Qwen3VL.Batch.Pipeline;
using Qwen3VL.Batch.Planning;
using Qwen3VL.Batch.Storage;
using Qwen3VL.TestKit;

namespace Qwen3VL.Batch.Tests.Pipeline;

/// <summary>The pipeline over a fake ledger, fake work and a clock that stands still.</summary>
internal sealed class PipelineFixture : IHostApplicationLifetime, IDisposable
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly WorkerRuntime _runtime;
    private readonly TaskCompletionSource _stopAsked = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public PipelineFixture()
    {
        Metrics = new BatchMetrics(_services.GetRequiredService<IMeterFactory>());
        Exit = new ProcessExit(this);
        Keeper = new LeaseKeeper(Ledger, Options, WakeUp, Exit, Time, Metrics, NullLogger<LeaseKeeper>.Instance);
        var retry = new LedgerRetry(Time, NullLogger<LedgerRetry>.Instance);
        _runtime = new WorkerRuntime(Drain, Exit, new WorkerActivity(Time), Metrics, Suspects);
        var planning = new PlanningRunner(Ledger, Work, new PlanningOptions(), retry, Drain, WakeUp, NullLogger<PlanningRunner>.Instance);
        var failures = new ChunkFailures(Ledger, retry, WakeUp, Metrics, NullLogger<ChunkFailures>.Instance);
        var chunks = new ChunkRunner(Ledger, Work, failures, retry, WakeUp, _runtime, Options, Time, NullLogger<ChunkRunner>.Instance);
        var settler = new GroupSettler(Ledger, Metrics, Time, NullLogger<GroupSettler>.Instance);
        Runner = new GroupRunner(Ledger, Work, planning, chunks, failures, settler, Drain, Options, NullLogger<GroupRunner>.Instance);
        Ledger.Job = Job;
    }

    public ManualTime Time { get; } = new();

    public WorkerOptions Options { get; } = new() { Slots = 2, LeaseSeconds = 60, PollSeconds = 1, GraceSeconds = 30, ChunksAtOnce = 2 };

    public FakeLedger Ledger { get; } = new();

    public FakeWork Work { get; } = new();

    public WakeUp WakeUp { get; } = new();

    public DrainSignal Drain { get; } = new();

    public SuspectGate Suspects { get; } = new();

    public BatchMetrics Metrics { get; }

    public LeaseKeeper Keeper { get; }

    public GroupRunner Runner { get; }

    public ProcessExit Exit { get; }

    public Task StopAsked => _stopAsked.Task;

    public CancellationToken ApplicationStarted => CancellationToken.None;

    public CancellationToken ApplicationStopping => CancellationToken.None;

    public CancellationToken ApplicationStopped => CancellationToken.None;

    private static JobRecord Job { get; } = new()
    {
        Id = new Guid("01890000-0000-7000-8000-000000000001"),
        TenantId = 0,
        IdempotencyKey = "key",
        Kind = JobKind.Document,
        Source = new JobSource { Uri = "x" },
        Tasks = [new JobTask { Kind = JobTaskKind.Ocr }],
        Options = new JobOptions(),
        Priority = 5,
        State = JobState.Running,
        TotalChunks = 3,
        DoneChunks = 0,
        FailedChunks = 0,
        Error = null,
        Facts = new SourceFacts("aa", 1, "application/pdf", 3, 0),
        CreatedAt = DateTimeOffset.UnixEpoch,
        FinishedAt = null,
        DeadlineAt = null,
    };

    public static ClaimedGroup Group(int groupNo = 1, long fence = 1, short lane = Lanes.Bulk) => new(Job.Id, groupNo, Fence: fence, WorkerId: 7, lane);

    public static IReadOnlyList<PlannedChunk> Pages(int count) => [.. Enumerable.Range(0, count).Select(i => new PlannedChunk(i, ChunkKind.Pages, 0, i + 1, i + 1))];

    public HeldLease Hold(int groupNo = 1, long fence = 1, int outages = 0) => Hold(Group(groupNo, fence) with { Outages = outages });

    public HeldLease Hold(ClaimedGroup group) => Keeper.Hold(group, Time.GetTimestamp());

    public WorkerActivity Activity => _runtime.Activity;

    public WorkerLoop CreateLoop(WorkerOptions? options = null) => new(
        Ledger, Keeper, Runner, _runtime, WakeUp, options ?? Options, Time, NullLogger<WorkerLoop>.Instance);

    public Task SeeAsync(string call) => Eventually.TrueAsync(() => Task.FromResult(Ledger.Calls.Contains(call)), Patience, $"ledger call '{call}'");

    public void StopApplication() => _stopAsked.TrySetResult();

    public void Dispose()
    {
        Drain.Dispose();
        Suspects.Dispose();
        _services.Dispose();
    }
}
