using System.Text.Json;
using Qwen3VL.Batch.Contracts;
using Qwen3VL.Batch.Contracts.V1;
using Qwen3VL.Batch.Jobs;
using Qwen3VL.Batch.Media;
using Qwen3VL.Batch.Pipeline;
using Qwen3VL.Batch.Pipeline.Executors;
using Qwen3VL.Batch.Planning;
using Qwen3VL.Batch.Results;
using Qwen3VL.Batch.Storage;
using Qwen3VL.Engine;

namespace Qwen3VL.Batch.IntegrationTests.Samples;

/// <summary>Does a whole job with the real decoder, planner, executors and engine, but without broker and database: chunks run in order.</summary>
internal sealed class InProcessJob(IInferenceEngine engine, string sourceRoot)
{
    private readonly PlanningOptions _planning = new();
    private readonly MediaOptions _media = new() { SourceRoot = sourceRoot };

    /// <summary>Runs the job and returns its results in the form of <c>results --format json</c>.</summary>
    public async Task<byte[]> RunAsync(JobKind kind, string uri, params JobTask[] tasks)
    {
        var decoder = new MediaDecoder(_media, TimeProvider.System);
        var resolver = new SourceResolver(_media);
        JobRecord job = Job(kind, uri, tasks);
        JobPlan plan = await new JobPlanner(resolver, decoder, engine, _planning).PlanAsync(job, CancellationToken.None);
        PlannedChunk[] chunks = [.. plan.Groups.SelectMany(group => group.Chunks)];
        job = job with { Facts = plan.Facts, TotalChunks = chunks.Length };
        SourceFile source = await resolver.ResolveAsync(job.Source, plan.Facts.Sha256, CancellationToken.None);
        var executor = new ChunkExecutor(decoder, engine, _planning);
        var results = new List<ChunkResult>();
        foreach (PlannedChunk chunk in chunks)
        {
            results.Add(await executor.ExecuteAsync(Context(job, chunk, source, results), CancellationToken.None));
        }

        return JsonSerializer.SerializeToUtf8Bytes(Gather(job, results), ContractJson.Options);
    }

    private static ChunkContext Context(JobRecord job, PlannedChunk chunk, SourceFile source, List<ChunkResult> done)
    {
        SummaryPart[] inputs =
        [
            .. done.SelectMany(result => result.SummaryParts)
                .Where(part => part.Level == chunk.Stage - 1 && part.PartNo >= chunk.FirstUnit && part.PartNo <= chunk.LastUnit)
                .OrderBy(part => part.PartNo),
        ];
        SegmentResult[] events = [.. done.SelectMany(result => result.Segments).Where(segment => segment.Kind == SegmentKind.WindowEvent)];
        return new ChunkContext(job, chunk, source, chunk.Kind == ChunkKind.Reduce ? inputs : [], chunk.Kind == ChunkKind.Merge ? events : []);
    }

    private static JobResults Gather(JobRecord job, List<ChunkResult> results) => new(
        job,
        [.. results.SelectMany(result => result.Pages)],
        [.. results.SelectMany(result => result.Captions)],
        [.. results.SelectMany(result => result.Boxes)],
        [.. results.SelectMany(result => result.Segments)],
        [.. results.SelectMany(result => result.SummaryParts)],
        results.Select(result => result.JobSummary).LastOrDefault(summary => summary is not null),
        [.. results.SelectMany(result => result.Issues)],
        [],
        ChunkUsage.None);

    private static JobRecord Job(JobKind kind, string uri, JobTask[] tasks) => new()
    {
        Id = new Guid("01900000-0000-7000-8000-000000000001"),
        TenantId = 0,
        IdempotencyKey = uri,
        Kind = kind,
        Source = new JobSource { Uri = uri },
        Tasks = tasks,
        Options = new JobOptions(),
        Priority = 5,
        State = JobState.Running,
        TotalChunks = null,
        DoneChunks = 0,
        FailedChunks = 0,
        Error = null,
        Facts = null,
        CreatedAt = DateTimeOffset.UnixEpoch,
        FinishedAt = null,
        DeadlineAt = null,
    };
}
