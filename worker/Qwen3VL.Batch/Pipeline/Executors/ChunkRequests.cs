using Qwen3VL.Batch.Contracts.V1;
using Qwen3VL.Batch.Jobs;
using Qwen3VL.Batch.Planning;
using Qwen3VL.Batch.Results;
using Qwen3VL.Engine;

namespace Qwen3VL.Batch.Pipeline.Executors;

/// <summary>
/// The engine requests of one chunk: builds them from the job's options, waits for them, aborts them on cancellation and sums their usage. Safe
/// to call from several threads.
/// </summary>
internal sealed class ChunkRequests(IInferenceEngine engine, ChunkContext context, PlanningOptions defaults)
{
    // By the number of failures before. Greedy decoding gives the same unreadable answer for ever; a little chance is enough to leave it, and
    // more of it costs accuracy. olmOCR raises the temperature with each attempt at a page in the same way (allenai/olmocr, pipeline.py).
    private static readonly double[] RetryTemperatures = [0, 0.2, 0.5];

    private readonly JobOptions _job = context.Job.Options;

    /// <summary>Sum over the requests that have ended so far.</summary>
    public ChunkUsage Usage => context.Meter.Usage;

    /// <summary>Steps by which media are made smaller.</summary>
    public int ReductionSteps => context.History.Degradation;

    /// <summary>Whether the model is asked with other random numbers than at the first time, because its answer could not be used.</summary>
    public bool IsResampled => context.History.Failures > 0 && RetryPolicy.IsOfTheAnswer(context.History.LastCode);

    /// <summary>Temperature of the chunk's questions: the job's own is not touched.</summary>
    public double Temperature
    {
        get
        {
            double model = engine.Description.DefaultSampling.Temperature;
            double retry = IsResampled ? RetryTemperatures[Math.Min(context.History.Failures, RetryTemperatures.Length - 1)] : 0;
            return _job.Temperature ?? Math.Max(model, retry);
        }
    }

    /// <summary>Pixel bounds of a page: the model's, narrowed by the job's.</summary>
    public ImageBounds ImageBounds
    {
        get
        {
            ImageBounds model = engine.Description.Image;
            int maxPixels = Math.Max(Math.Min(_job.MaxPixels ?? model.MaxPixels, model.MaxPixels), model.SizeMultiple * model.SizeMultiple);
            return model with { MinPixels = Math.Min(model.MinPixels, maxPixels), MaxPixels = maxPixels };
        }
    }

    /// <summary>Pixel bounds of a window's clip: the model's, narrowed by the job's.</summary>
    public VideoBounds VideoBounds
    {
        get
        {
            VideoBounds model = engine.Description.Video;
            long maxPixels = Math.Min(_job.MaxPixels ?? model.MaxPixels, model.MaxPixels);
            return model with { MinPixels = Math.Min(model.MinPixels, maxPixels), MaxPixels = maxPixels };
        }
    }

    /// <summary>Asks one question and waits for the whole answer.</summary>
    /// <param name="media">What it is about; null for a question about text only. Stands before the prompt.</param>
    /// <param name="prompt">The question.</param>
    /// <param name="unit">Page, window or part: with the task it makes the seed.</param>
    /// <param name="task">Task that asks.</param>
    /// <param name="cancellationToken">Aborts the generation.</param>
    /// <exception cref="ContentException">request_refused.</exception>
    public async Task<GenerationResult> AskAsync(ShownMedia? media, string prompt, int unit, JobTaskKind task, CancellationToken cancellationToken)
    {
        var text = new TextPart(prompt);
        var request = new GenerationRequest
        {
            Messages = [media is null ? ChatMessage.User(text) : ChatMessage.User(media.Part, text)],
            Sampling = Sampling(unit, task),
            MaxOutputTokens = _job.MaxOutputTokens ?? defaults.MaxOutputTokens,
            ImageBounds = media is { Part: ImagePart } ? MediaReduction.Halve(ImageBounds, media.FullPixels, ReductionSteps) : ImageBounds,
            VideoBounds = media is { Part: VideoPart } ? MediaReduction.Halve(VideoBounds, media.FullPixels, ReductionSteps) : VideoBounds,
        };
        GenerationResult result = await RunAsync(request, cancellationToken).ConfigureAwait(false);
        Count(result.Usage);
        cancellationToken.ThrowIfCancellationRequested();
        return result.FinishReason == FinishReason.Aborted
            ? throw new InvalidOperationException("a generation must end by itself or by its caller; the engine aborted it")
            : result;
    }

    private async Task<GenerationResult> RunAsync(GenerationRequest request, CancellationToken cancellationToken)
    {
        try
        {
            IGeneration generation = await engine.SubmitAsync(request, cancellationToken).ConfigureAwait(false);
            using CancellationTokenRegistration abort = cancellationToken.Register(generation.Abort);
            return await generation.Completion.ConfigureAwait(false);
        }
        catch (InvalidRequestException refused)
        {
            // The engine's message is free of prompt text by contract.
            throw new ContentException(ErrorCodes.RequestRefused, refused.Message, refused) { MaySucceedSmaller = refused.IsTooLarge };
        }
    }

    /// <summary>The model's own parameters, each replaced by the job's where it names one.</summary>
    private SamplingParameters Sampling(int unit, JobTaskKind task) => engine.Description.DefaultSampling with
    {
        Temperature = Temperature,
        TopK = _job.TopK ?? engine.Description.DefaultSampling.TopK,
        TopP = _job.TopP ?? engine.Description.DefaultSampling.TopP,
        Seed = Seed(_job.Seed ?? 0, unit, task, IsResampled ? context.History.Failures : 0),
    };

    /// <summary>
    /// One seed per question and try, the same at every execution of that try: the numbers mixed by the finaliser of SplitMix64 (Steele, Lea and Flood, "Fast
    /// splittable pseudorandom number generators", 2014), so that neighbouring pages do not share their random numbers.
    /// </summary>
    private static ulong Seed(long seed, int unit, JobTaskKind task, int failures) =>
        Mix(unchecked((ulong)seed + Mix(((ulong)(uint)failures << 40) | ((ulong)(uint)unit << 8) | (uint)task)));

    private static ulong Mix(ulong value)
    {
        unchecked
        {
            value += 0x9E3779B97F4A7C15;
            value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
            value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
            return value ^ (value >> 31);
        }
    }

    private void Count(GenerationUsage usage) => context.Meter.Add(
        new ChunkUsage(1, usage.PromptTokens, usage.CachedTokens, usage.ImageTokens, usage.OutputTokens, (long)usage.EngineTime.TotalMicroseconds));
}
