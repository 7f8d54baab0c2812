using System.Collections.Concurrent;
using Qwen3VL.Batch.Contracts.V1;
using Qwen3VL.Batch.Jobs;
using Qwen3VL.Batch.Media;
using Qwen3VL.Batch.Pipeline;
using Qwen3VL.Batch.Planning;
using Qwen3VL.Batch.Results;

namespace Qwen3VL.Batch.Tests.Pipeline;

/// <summary>Source, planner and executor in one: a test says what each chunk does and sees what ran.</summary>
internal sealed class FakeWork : ISourceResolver, IJobPlanner, IChunkExecutor
{
    private int _running;
    private int _mostRunning;

    public Func<ChunkContext, CancellationToken, Task<ChunkResult>> Execute { get; set; } = (_, _) => Task.FromResult(new ChunkResult());

    public Func<Task<JobPlan>> Plan { get; set; } = () => Task.FromResult(new JobPlan(Facts, [new PlannedGroup(1, 0, [new PlannedChunk(0, ChunkKind.Pages, 0, 1, 1)])]));

    public Func<Task<SourceFile>> Resolve { get; set; } = () => Task.FromResult(new SourceFile("/x", "x", "aa", 1));

    public ConcurrentQueue<ChunkContext> Executed { get; } = new();

    public int MostRunning => _mostRunning;

    public string? AskedSha256 { get; private set; }

    public static SourceFacts Facts { get; } = new("aa", 1, "application/pdf", 1, 0);

    public async Task<ChunkResult> ExecuteAsync(ChunkContext context, CancellationToken cancellationToken)
    {
        int running = Interlocked.Increment(ref _running);
        lock (Executed)
        {
            _mostRunning = Math.Max(_mostRunning, running);
        }

        Executed.Enqueue(context);
        try
        {
            return await Execute(context, cancellationToken);
        }
        finally
        {
            _ = Interlocked.Decrement(ref _running);
        }
    }

    public Task<JobPlan> PlanAsync(JobRecord job, CancellationToken cancellationToken) => Plan();

    public Task<SourceFile> ResolveAsync(JobSource source, string? expectedSha256, CancellationToken cancellationToken)
    {
        AskedSha256 = expectedSha256;
        return Resolve();
    }
}
