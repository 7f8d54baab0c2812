using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Qwen3VL.Batch.Contracts;
using Qwen3VL.Batch.Contracts.V1;
using Qwen3VL.Batch.Media;
using Qwen3VL.Batch.Worker.Commands;

namespace Qwen3VL.Batch.Worker.Submission;

/// <summary>
/// Makes commands from requested work: looks at each file once, for its kind and its hash. A URL is not fetched: the client may not reach it, and the
/// worker must check it anyway. Its kind is said or shows in the ending of its path.
/// </summary>
internal sealed class SubmitJobFactory
{
    private readonly long _tenantId;
    private readonly TimeProvider _timeProvider;

    /// <summary>Creates one.</summary>
    public SubmitJobFactory(long tenantId, TimeProvider timeProvider)
    {
        _tenantId = tenantId;
        _timeProvider = timeProvider;
    }

    /// <summary>The command for one file or URL.</summary>
    /// <exception cref="CommandException">Nothing says whether it is a document or a video.</exception>
    public async Task<SubmitJob> CreateAsync(RequestedWork work, CancellationToken cancellationToken) => work.Source.Path is { } path
        ? await OfFileAsync(work, path, cancellationToken).ConfigureAwait(false)
        : OfUrl(work);

    private async Task<SubmitJob> OfFileAsync(RequestedWork work, string path, CancellationToken cancellationToken)
    {
        using FileStream file = new(
            path,
            FileMode.Open,
            FileAccess.Read,
            FileShare.Read,
            1 << 16,
            FileOptions.Asynchronous | FileOptions.SequentialScan);
        byte[] head = new byte[MediaKinds.HeadBytes];
        int read = await file.ReadAtLeastAsync(head, head.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
        JobKind kind = work.Kind
            ?? MediaKinds.Detect(head.AsSpan(0, read), path)
            ?? throw new CommandException(
                ExitCodes.Usage,
                $"'{work.Source.Uri}' must be a PDF, a picture or a video; its first bytes and name say none of these (--kind overrides)");
        file.Position = 0;
        string sha256 = Convert.ToHexStringLower(await SHA256.HashDataAsync(file, cancellationToken).ConfigureAwait(false));
        return Create(work, kind, work.Sha256 ?? sha256);
    }

    private SubmitJob OfUrl(RequestedWork work)
    {
        if (!SourceUrl.TryParse(work.Source.Uri, out Uri? url))
        {
            throw new CommandException(ExitCodes.Usage, $"'{SourceUrl.Display(work.Source.Uri)}' must be {SourceUrl.Rule}");
        }

        JobKind kind = work.Kind
            ?? MediaKinds.OfExtension(url.AbsolutePath)
            ?? throw new CommandException(
                ExitCodes.Usage,
                $"'{SourceUrl.Display(work.Source.Uri)}' must say what it is; the ending of its path does not: give --kind document or --kind video");
        return Create(work, kind, work.Sha256);
    }

    private SubmitJob Create(RequestedWork work, JobKind kind, string? sha256)
    {
        SubmitJob job = new()
        {
            TenantId = _tenantId,
            OccurredAt = _timeProvider.GetUtcNow(),
            IdempotencyKey = "",
            Kind = kind,
            Source = new JobSource { Uri = work.Source.Uri, Sha256 = sha256 },
            Tasks = work.Tasks.Count > 0 ? work.Tasks : UsualTasks(kind),
            Options = work.Options,
            Priority = work.Priority,
            DeadlineAt = work.DeadlineAt,
        };
        return job with { IdempotencyKey = work.Key ?? ContentKey(job) + (work.Again ? Suffix(job.OccurredAt) : "") };
    }

    /// <summary>What is asked when nothing is said.</summary>
    internal static IReadOnlyList<JobTask> UsualTasks(JobKind kind) => kind == JobKind.Document
        ? [new JobTask { Kind = JobTaskKind.Ocr }]
        : [new JobTask { Kind = JobTaskKind.Caption }, new JobTask { Kind = JobTaskKind.Events }, new JobTask { Kind = JobTaskKind.Summary }];

    // The moment of asking: the same work asked for anew is another job, and a command repeated by the broker is not.
    private static string Suffix(DateTimeOffset moment) => "-" + moment.UtcDateTime.ToString("yyyyMMdd'T'HHmmssfff", CultureInfo.InvariantCulture);

    // The key covers the whole body but the time of asking: submitting the same work again is the same job. Name, priority and deadline
    // belong to it although the result does not depend on them, because a command with the same key and another body is refused.
    private static string ContentKey(SubmitJob job)
    {
        byte[] identity = JsonSerializer.SerializeToUtf8Bytes(
            new { job.Kind, job.Source, job.Tasks, job.Options, job.Priority, job.DeadlineAt },
            ContractJson.Options);
        // 128 bits: short enough to type or paste, and no two bodies meet by chance.
        return "content-" + Convert.ToHexStringLower(SHA256.HashData(identity).AsSpan(0, 16));
    }
}
