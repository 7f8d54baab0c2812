using Qwen3VL.Batch.Contracts.V1;
using Qwen3VL.Batch.Jobs;

namespace Qwen3VL.Batch.Tests.Fakes;

/// <summary>Jobs for tests that only care for what is asked.</summary>
internal static class JobRecords
{
    public static JobRecord Document(JobOptions? options = null, params JobTask[] tasks) => Make(JobKind.Document, options, tasks);

    public static JobRecord Video(JobOptions? options = null, params JobTask[] tasks) => Make(JobKind.Video, options, tasks);

    public static JobTask Ask(JobTaskKind kind, params string[] labels) => new() { Kind = kind, Labels = labels };

    private static JobRecord Make(JobKind kind, JobOptions? options, JobTask[] tasks) => new()
    {
        Id = new Guid("01900000-0000-7000-8000-000000000001"),
        TenantId = 0,
        IdempotencyKey = "key",
        Kind = kind,
        Source = new JobSource { Uri = "file" },
        Tasks = tasks,
        Options = options ?? new JobOptions(),
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
