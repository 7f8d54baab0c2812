using Qwen3VL.Batch.Contracts.V1;
using Qwen3VL.Batch.Jobs;
using Qwen3VL.Batch.Media;
using Qwen3VL.Batch.Planning;
using Qwen3VL.Batch.Results;
using Qwen3VL.Engine;

namespace Qwen3VL.Batch.Pipeline.Executors;

/// <summary>
/// Reads pages. All questions about a page begin with its picture; the first is answered before the others are asked, so that these find the
/// picture's keys and values in the engine's prefix cache. A caption also serves as the page's level-0 summary: one answer for both tasks.
/// </summary>
internal sealed class PagesExecutor(IMediaDecoder decoder, PlanningOptions options)
{
    /// <summary>Decoded pages that are held at the same time: enough to fill the engine's batch, few enough for large rasters.</summary>
    private const int MaxPagesInMemory = 4;

    private readonly PlanningOptions _options = options with { };

    /// <summary>Runs the chunk.</summary>
    public async Task<ChunkResult> ExecuteAsync(ChunkContext context, ChunkRequests requests, CancellationToken cancellationToken)
    {
        int[] pages = [.. Enumerable.Range(context.Chunk.FirstUnit, context.Chunk.LastUnit - context.Chunk.FirstUnit + 1)];
        IReadOnlyList<Question> questions = Questions(context.Job);
        IReadOnlyList<ResultCollector> perPage = await JointWork.RunAsync(
            pages,
            requests.ReductionSteps > 0 ? 1 : MaxPagesInMemory,
            (pageNo, token) => ReadPageAsync(context, requests, questions, pageNo, token),
            cancellationToken).ConfigureAwait(false);
        var all = new ResultCollector();
        foreach (ResultCollector page in perPage)
        {
            all.Add(page);
        }

        return all.ToResult(requests.Usage);
    }

    /// <summary>The distinct questions of a job about a page, in the order of its tasks.</summary>
    private static List<Question> Questions(JobRecord job)
    {
        var questions = new List<Question>();
        foreach (JobTask task in job.Tasks)
        {
            string prompt = task.Kind switch
            {
                JobTaskKind.Ocr => Prompts.Ocr,
                JobTaskKind.Spotting => Prompts.Spotting,
                JobTaskKind.Caption or JobTaskKind.Summary => Prompts.DescribeImage,
                JobTaskKind.Grounding => Prompts.Grounding(task.Labels),
                _ => throw new ContentException(ErrorCodes.InvalidCommand, $"task of a page must be one that pages know; got {task.Kind}"),
            };
            if (questions.TrueForAll(question => question.Prompt != prompt))
            {
                questions.Add(new Question(task.Kind, prompt));
            }
        }

        return questions;
    }

    private async Task<ResultCollector> ReadPageAsync(
        ChunkContext context,
        ChunkRequests requests,
        IReadOnlyList<Question> questions,
        int pageNo,
        CancellationToken cancellationToken)
    {
        ImageBounds bounds = MediaReduction.Halve(requests.ImageBounds, requests.ReductionSteps);
        var wanted = new PageRequest(context.Job.Options.Dpi ?? _options.Dpi, bounds.MinPixels, bounds.MaxPixels, bounds.SizeMultiple)
        {
            UnreducedMaxPixels = requests.ImageBounds.MaxPixels,
        };
        using DecodedPage page = await decoder.DecodePageAsync(context.Source, pageNo, wanted, cancellationToken).ConfigureAwait(false);
        var picture = new ShownMedia(new ImagePart(page.Image), page.UnreducedPixels);

        GenerationResult first = await AskAsync(questions[0], cancellationToken).ConfigureAwait(false);
        IReadOnlyList<GenerationResult> others = await JointWork.RunAsync(
            [.. questions.Skip(1)],
            requests.ReductionSteps > 0 ? 1 : Math.Max(1, questions.Count - 1),
            AskAsync,
            cancellationToken).ConfigureAwait(false);
        return Collect(context.Job, page, questions, [first, .. others]);

        Task<GenerationResult> AskAsync(Question question, CancellationToken token) =>
            requests.AskAsync(picture, question.Prompt, pageNo, question.Task, token);
    }

    private static ResultCollector Collect(JobRecord job, DecodedPage page, IReadOnlyList<Question> questions, IReadOnlyList<GenerationResult> answers)
    {
        var collector = new ResultCollector();
        string? text = null;
        bool truncated = false;
        for (int i = 0; i < questions.Count; i++)
        {
            JobTaskKind task = questions[i].Task;
            GenerationResult answer = answers[i];
            switch (task)
            {
                case JobTaskKind.Ocr:
                    text = collector.TakeText(page.PageNo, task, answer);
                    truncated = answer.FinishReason == FinishReason.Length;
                    break;
                case JobTaskKind.Spotting or JobTaskKind.Grounding:
                    ParseOutcome<IReadOnlyList<BoxResult>> outcome = BoxParser.Parse(answer.Text, task, page.PageNo, page.Image.Width, page.Image.Height);
                    collector.Add(collector.TakeParsed(page.PageNo, task, answer, outcome) ?? []);
                    break;
                default:
                    AddDescription(collector, job, page.PageNo, collector.TakeText(page.PageNo, task, answer));
                    break;
            }
        }

        collector.Add(
            new PageResult(
                page.PageNo,
                page.Image.Width,
                page.Image.Height,
                page.RotationDegrees,
                page.WidthPoints,
                page.HeightPoints,
                text,
                truncated,
                answers[0].Media[0].ContentSha256));
        return collector;
    }

    private static void AddDescription(ResultCollector collector, JobRecord job, int pageNo, string text)
    {
        if (job.Tasks.Any(task => task.Kind == JobTaskKind.Caption))
        {
            collector.Add(new CaptionResult(pageNo, text));
        }

        if (job.Tasks.Any(task => task.Kind == JobTaskKind.Summary))
        {
            collector.Add(new SummaryPart(0, pageNo - (job.Options.FirstPage ?? 1), text));
        }
    }
}
