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
internal sealed class ChunkRequests(IInferenceEngine engine, JobOptions job, PlanningOptions defaults)
{
    private readonly Lock _gate = new();
    private ChunkUsage _usage = ChunkUsage.None;

    /// <summary>Sum over the requests that have ended so far.</summary>
    public ChunkUsage Usage
    {
        get
        {
            lock (_gate)
            {
                return _usage;
            }
        }
    }

    /// <summary>Pixel bounds of a page: the model's, narrowed by the job's.</summary>
    public ImageBounds ImageBounds
    {
        get
        {
            ImageBounds model = engine.Description.Image;
            int maxPixels = Math.Max(Math.Min(job.MaxPixels ?? model.MaxPixels, model.MaxPixels), model.SizeMultiple * model.SizeMultiple);
            return model with { MinPixels = Math.Min(model.MinPixels, maxPixels), MaxPixels = maxPixels };
        }
    }

    /// <summary>Pixel bounds of a window's clip: the model's, narrowed by the job's.</summary>
    public VideoBounds VideoBounds
    {
        get
        {
            VideoBounds model = engine.Description.Video;
            long maxPixels = Math.Min(job.MaxPixels ?? model.MaxPixels, model.MaxPixels);
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
    public async Task<GenerationResult> AskAsync(PromptPart? media, string prompt, int unit, JobTaskKind task, CancellationToken cancellationToken)
    {
        var text = new TextPart(prompt);
        var request = new GenerationRequest
        {
            Messages = [media is null ? ChatMessage.User(text) : ChatMessage.User(media, text)],
            Sampling = Sampling(unit, task),
            MaxOutputTokens = job.MaxOutputTokens ?? defaults.MaxOutputTokens,
            ImageBounds = ImageBounds,
            VideoBounds = VideoBounds,
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
            throw new ContentException(ErrorCodes.RequestRefused, refused.Message, refused);
        }
    }

    /// <summary>The model's own parameters, each replaced by the job's where it names one.</summary>
    private SamplingParameters Sampling(int unit, JobTaskKind task) => engine.Description.DefaultSampling with
    {
        Temperature = job.Temperature ?? engine.Description.DefaultSampling.Temperature,
        TopK = job.TopK ?? engine.Description.DefaultSampling.TopK,
        TopP = job.TopP ?? engine.Description.DefaultSampling.TopP,
        Seed = Seed(job.Seed ?? 0, unit, task),
    };

    /// <summary>
    /// One seed per question, the same at every execution: the three numbers mixed by the finaliser of SplitMix64 (Steele, Lea and Flood, "Fast
    /// splittable pseudorandom number generators", 2014), so that neighbouring pages do not share their random numbers.
    /// </summary>
    private static ulong Seed(long seed, int unit, JobTaskKind task) =>
        Mix(unchecked((ulong)seed + Mix(((ulong)(uint)unit << 8) | (uint)task)));

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

    private void Count(GenerationUsage usage)
    {
        lock (_gate)
        {
            _usage = new ChunkUsage(
                _usage.Requests + 1,
                _usage.PromptTokens + usage.PromptTokens,
                _usage.CachedTokens + usage.CachedTokens,
                _usage.ImageTokens + usage.ImageTokens,
                _usage.OutputTokens + usage.OutputTokens,
                _usage.EngineMicroseconds + (long)usage.EngineTime.TotalMicroseconds);
        }
    }
}
