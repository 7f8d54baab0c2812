using Qwen3VL.Batch.Contracts.V1;
using Qwen3VL.Batch.Jobs;
using Qwen3VL.Batch.Media;
using Qwen3VL.Batch.Planning;
using Qwen3VL.Batch.Results;
using Qwen3VL.Engine;

namespace Qwen3VL.Batch.Pipeline.Executors;

/// <summary>
/// Watches one window of a video. The model is shown times that begin at 0 with the window's first frame, as it was trained; what it answers is
/// mapped back to the video's time line by the frames themselves. Events and caption are of the whole window; the level-0 summary is of the
/// window's core, so that the reductions are not told twice what an overlap shows.
/// </summary>
internal sealed class WindowExecutor(IMediaDecoder decoder, IInferenceEngine engine, PlanningOptions options)
{
    private readonly PlanningOptions _options = options with { };

    /// <summary>Runs the chunk.</summary>
    public async Task<ChunkResult> ExecuteAsync(ChunkContext context, ChunkRequests requests, CancellationToken cancellationToken)
    {
        PlannedChunk chunk = context.Chunk;
        using DecodedWindow window = await DecodeAsync(context, requests, cancellationToken).ConfigureAwait(false);
        int coreFrames = CountCoreFrames(context, window);
        ShownMedia whole = Show(window, window.Frames.Count);
        ShownMedia core = coreFrames == window.Frames.Count ? whole : Show(window, coreFrames);

        var collector = new ResultCollector();
        GenerationResult? description = null;
        if (Asks(context.Job, JobTaskKind.Events))
        {
            GenerationResult answer = await requests.AskAsync(whole, Prompts.Events, chunk.FirstUnit, JobTaskKind.Events, cancellationToken).ConfigureAwait(false);
            var timeline = WindowTimeline.Create(answer.Media[0].PairTimesSeconds, window.PtsMs, chunk.FirstUnit, chunk.LastUnit);
            collector.Add(collector.TakeParsed(chunk.FirstUnit, JobTaskKind.Events, answer, EventParser.Parse(answer.Text, timeline)) ?? []);
        }

        if (Asks(context.Job, JobTaskKind.Caption))
        {
            description = await requests.AskAsync(whole, Prompts.SummarizeVideo, chunk.FirstUnit, JobTaskKind.Caption, cancellationToken).ConfigureAwait(false);
            string text = collector.TakeText(chunk.FirstUnit, JobTaskKind.Caption, description);
            collector.Add(new SegmentResult(SegmentKind.Window, 0, chunk.FirstUnit, chunk.LastUnit, text, Adjusted: false));
        }

        if (Asks(context.Job, JobTaskKind.Summary))
        {
            // Where the core is the whole window the caption says it already.
            GenerationResult answer = description is not null && ReferenceEquals(core, whole)
                ? description
                : await requests.AskAsync(core, Prompts.SummarizeVideo, chunk.FirstUnit, JobTaskKind.Summary, cancellationToken).ConfigureAwait(false);

            // Windows are the first chunks of a job, so a window's chunk number is its place among the level-0 parts.
            collector.Add(new SummaryPart(0, chunk.ChunkNo, collector.TakeText(chunk.FirstUnit, JobTaskKind.Summary, answer)));
        }

        return collector.ToResult(requests.Usage);
    }

    private async Task<DecodedWindow> DecodeAsync(ChunkContext context, ChunkRequests requests, CancellationToken cancellationToken)
    {
        VideoBounds bounds = requests.VideoBounds;
        double framesPerSecond = VideoWindows.FramesPerSecond(context.Job.Options, bounds);
        var request = new WindowRequest(context.Chunk.FirstUnit, context.Chunk.LastUnit, framesPerSecond, bounds.MinFrames, bounds.MaxFrames);
        if (requests.ReductionSteps > 0)
        {
            request = request with
            {
                FramesPerSecond = MediaReduction.Halve(framesPerSecond, requests.ReductionSteps),
                MaxFrames = MediaReduction.MaxFrames(bounds, requests.ReductionSteps),
                Unreduced = request,
            };
        }

        DecodedWindow window = await decoder.DecodeWindowAsync(context.Source, request, cancellationToken).ConfigureAwait(false);
        if (window.Frames.Count == 0)
        {
            window.Dispose();
            throw new ContentException(ErrorCodes.DecodeFailed, $"window must show at least one frame; got none in {request.StartMs}..{request.EndMs} ms");
        }

        return window.Frames.Count switch
        {
            1 => window with
            {
                Frames = [window.Frames[0], window.Frames[0]],
                PtsMs = [window.PtsMs[0], window.PtsMs[0]],
                UnreducedFrames = Math.Max(2, window.UnreducedFrames),
            },
            _ => window,
        };
    }

    /// <summary>
    /// Frames of the part that the next window does not see: an even number. All of them for the last window, for a core of fewer frames than
    /// the model needs, and when the worker's defaults have changed since the plan was made.
    /// </summary>
    private int CountCoreFrames(ChunkContext context, DecodedWindow window)
    {
        VideoBounds bounds = engine.Description.Video;
        long durationMs = context.Job.Facts?.DurationMs ?? context.Chunk.LastUnit;
        VideoWindow planned = VideoWindows.Split(durationMs, context.Job.Options, _options, bounds)
            .FirstOrDefault(candidate => candidate.StartMs == context.Chunk.FirstUnit && candidate.EndMs == context.Chunk.LastUnit);
        if (planned == default || planned.CoreEndMs == planned.EndMs)
        {
            return window.Frames.Count;
        }

        int frames = window.PtsMs.Count(pts => pts < planned.CoreEndMs) / 2 * 2;
        return frames < Math.Max(2, bounds.MinFrames) ? window.Frames.Count : frames;
    }

    /// <summary>The first frames of a window, with their part of the frames that the whole has when it is not made smaller.</summary>
    private static ShownMedia Show(DecodedWindow window, int frames)
    {
        double origin = window.PtsMs[0];
        var clip = new VideoClip([.. window.Frames.Take(frames)], [.. window.PtsMs.Take(frames).Select(pts => (pts - origin) / 1000)]);
        long fullFrames = (long)Math.Round((double)window.UnreducedFrames * frames / window.Frames.Count);
        return new ShownMedia(new VideoPart(clip), fullFrames * window.Frames[0].Width * window.Frames[0].Height);
    }

    private static bool Asks(JobRecord job, JobTaskKind kind) => job.Tasks.Any(task => task.Kind == kind);
}
