using Qwen3VL.Batch.Contracts.V1;
using Qwen3VL.Batch.Jobs;
using Qwen3VL.Batch.Media;
using Qwen3VL.Engine;

namespace Qwen3VL.Batch.Planning;

/// <summary>
/// Makes plans: pages or windows at stage 0, the merge of events at stage 1, and one level of reductions per stage from stage 1. Chunk numbers
/// follow the stages, so the chunk that writes the job's summary is the last one.
/// </summary>
internal sealed class JobPlanner(ISourceResolver resolver, IMediaDecoder decoder, IInferenceEngine engine, PlanningOptions options) : IJobPlanner
{
    /// <summary>Fan-in below 2 would never end.</summary>
    private const int MinFanIn = 2;

    private readonly PlanningOptions _options = options with { };

    /// <inheritdoc/>
    public async Task<JobPlan> PlanAsync(JobRecord job, CancellationToken cancellationToken)
    {
        using SourceFile source = await resolver.ResolveAsync(job.Source, job.Facts?.Sha256 ?? job.Source.Sha256, cancellationToken).ConfigureAwait(false);
        MediaInfo media = await decoder.ProbeAsync(source, cancellationToken).ConfigureAwait(false);
        var facts = new SourceFacts(source.Sha256, source.SizeBytes, media.MediaType, media.PageCount, media.DurationMs);
        return new JobPlan(facts, Plan(job, facts));
    }

    /// <summary>The groups of a job over a probed source: pure.</summary>
    /// <exception cref="ContentException">unsupported_media, invalid_command or limit_exceeded.</exception>
    internal IReadOnlyList<PlannedGroup> Plan(JobRecord job, SourceFacts facts)
    {
        CheckMedia(job, facts);
        var numbering = new ChunkNumbering(Math.Max(1, _options.ChunksPerGroup));
        int parts = job.Kind == JobKind.Document ? AddPages(job, facts, numbering) : AddWindows(job, facts, numbering);
        if (Asks(job, JobTaskKind.Events))
        {
            numbering.Add(ChunkKind.Merge, 1, [(0, parts - 1)]);
        }

        if (Asks(job, JobTaskKind.Summary))
        {
            int stage = 1;
            foreach (IReadOnlyList<(int First, int Last)> level in SummaryLevels.Build(parts, Math.Max(MinFanIn, _options.SummaryFanIn)))
            {
                numbering.Add(ChunkKind.Reduce, stage++, level);
            }
        }

        return numbering.Groups;
    }

    private int AddPages(JobRecord job, SourceFacts facts, ChunkNumbering numbering)
    {
        int first = job.Options.FirstPage ?? 1;
        int last = Math.Min(job.Options.LastPage ?? facts.PageCount, facts.PageCount);
        if (first < 1 || first > last)
        {
            throw new ContentException(
                ErrorCodes.InvalidCommand,
                $"page range must lie within the document's {facts.PageCount} pages; got {first}..{job.Options.LastPage ?? facts.PageCount}");
        }

        int pagesPerChunk = Math.Max(1, job.Options.PagesPerChunk ?? _options.PagesPerChunk);
        var ranges = new List<(int First, int Last)>();
        for (long page = first; page <= last; page += pagesPerChunk)
        {
            ranges.Add(((int)page, (int)Math.Min(last, page + pagesPerChunk - 1)));
        }

        numbering.Add(ChunkKind.Pages, 0, ranges);
        return last - first + 1;
    }

    private int AddWindows(JobRecord job, SourceFacts facts, ChunkNumbering numbering)
    {
        IReadOnlyList<VideoWindow> windows = VideoWindows.Split(facts.DurationMs, job.Options, _options, engine.Description.Video);
        numbering.Add(ChunkKind.Window, 0, [.. windows.Select(window => (window.StartMs, window.EndMs))]);
        return windows.Count;
    }

    private static bool Asks(JobRecord job, JobTaskKind kind) => job.Tasks.Any(task => task.Kind == kind);

    private static void CheckMedia(JobRecord job, SourceFacts facts)
    {
        bool isVideo = facts.MediaType.StartsWith("video/", StringComparison.Ordinal);
        if (isVideo != (job.Kind == JobKind.Video))
        {
            string wanted = job.Kind == JobKind.Video ? "a video" : "a PDF or a picture";
            throw new ContentException(ErrorCodes.UnsupportedMedia, $"source of a {KindName(job)} job must be {wanted}; got {facts.MediaType}");
        }

        foreach (JobTask task in job.Tasks)
        {
            if (!IsFor(task.Kind, job.Kind))
            {
                throw new ContentException(ErrorCodes.InvalidCommand, $"task of a {KindName(job)} job must be one that such a job knows; got {task.Kind}");
            }
        }
    }

    private static string KindName(JobRecord job) => job.Kind == JobKind.Video ? "video" : "document";

    private static bool IsFor(JobTaskKind task, JobKind kind) => task switch
    {
        JobTaskKind.Caption or JobTaskKind.Summary => true,
        JobTaskKind.Events => kind == JobKind.Video,
        _ => kind == JobKind.Document,
    };
}
