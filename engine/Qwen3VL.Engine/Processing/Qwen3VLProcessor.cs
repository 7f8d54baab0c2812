using Qwen3VL.Engine.Checkpoints;
using Qwen3VL.Engine.Tokenization;

namespace Qwen3VL.Engine.Processing;

/// <summary>
/// Turns a chat request into what the model reads: token ids with expanded placeholders, three-axis positions, and patches of every image and
/// clip (spec 4.3 and 5). Immutable; safe from any thread when the tokenizer is.
/// </summary>
internal sealed class Qwen3VLProcessor
{
    private readonly ProcessorConfig _config;
    private readonly int _videoTokenId;
    private readonly PlaceholderExpander _expander;
    private readonly ChatTemplate _template;

    /// <summary>Creates one.</summary>
    /// <param name="config">The checkpoint's processor files.</param>
    /// <param name="modelConfig">Token ids of the placeholders.</param>
    /// <param name="tokenizer">The checkpoint's tokenizer.</param>
    /// <param name="template">The checkpoint's chat template.</param>
    /// <exception cref="CheckpointException">The vision geometry of <paramref name="modelConfig"/> is not the processor's.</exception>
    public Qwen3VLProcessor(ProcessorConfig config, ModelConfig modelConfig, ITokenizer tokenizer, ChatTemplate template)
    {
        VisionConfig vision = modelConfig.Vision;
        if (vision.PatchSize != PatchExtractor.PatchSize
            || vision.TemporalPatchSize != PatchExtractor.FramesPerPatch
            || vision.SpatialMergeSize != PatchExtractor.MergeSize)
        {
            throw new CheckpointException(
                $"vision_config must have patch, temporal patch and merge sizes {PatchExtractor.PatchSize}, {PatchExtractor.FramesPerPatch}, "
                + $"{PatchExtractor.MergeSize}; got {vision.PatchSize}, {vision.TemporalPatchSize}, {vision.SpatialMergeSize}");
        }

        _config = config;
        _videoTokenId = modelConfig.VideoTokenId;
        _expander = new PlaceholderExpander(tokenizer, modelConfig);
        _template = template;
    }

    /// <summary>Pixel bounds of an image when a request names none.</summary>
    public ImageBounds ImageBounds => _config.Image;

    /// <summary>Bounds of a clip when a request names none.</summary>
    public VideoBounds VideoBounds => _config.Video;

    /// <summary>Share of a clip's vision tokens that is dropped, 0 up to below 1; see <see cref="EngineOptions.VideoPruningRate"/>.</summary>
    public double VideoPruningRate { get; init; }

    /// <summary>What the media of a request will take, from their sizes and the bounds alone; touches no pixel.</summary>
    /// <exception cref="InvalidRequestException">Media that cannot be fitted into the bounds.</exception>
    public MediaSize Measure(GenerationRequest request)
    {
        ImageBounds imageBounds = request.ImageBounds ?? _config.Image;
        VideoBounds videoBounds = request.VideoBounds ?? _config.Video;
        CheckMultiple(imageBounds.SizeMultiple);
        CheckMultiple(videoBounds.SizeMultiple);
        long rows = 0;
        long bytes = 0;
        foreach (PromptPart part in request.Messages.SelectMany(message => message.Parts))
        {
            GridThw grid = part switch
            {
                TextPart => default,
                ImagePart image => MediaProcessor.Grid(image.Image, imageBounds),
                VideoPart video => MediaProcessor.Grid(video.Clip, videoBounds),
                _ => throw WrongPart(part),
            };
            rows += ClipPruning.NumRows(grid, part is VideoPart, VideoPruningRate);
            bytes += (long)grid.NumPatches * PatchExtractor.RowBytes;
        }

        return new MediaSize(rows, bytes);
    }

    /// <summary>Processes a request. The result shares no buffer with it.</summary>
    /// <exception cref="InvalidRequestException">No messages, media the template does not show, or media that cannot be fitted.</exception>
    public ProcessedPrompt Process(GenerationRequest request)
    {
        ImageBounds imageBounds = request.ImageBounds ?? _config.Image;
        VideoBounds videoBounds = request.VideoBounds ?? _config.Video;
        CheckMultiple(imageBounds.SizeMultiple);
        CheckMultiple(videoBounds.SizeMultiple);
        IReadOnlyList<PromptSegment> segments = _template.Render(request);

        // The template refuses a request some of whose media it would not show, so its media indices count all of these.
        IReadOnlyList<PromptPart> parts = [.. request.Messages.SelectMany(message => message.Parts).Where(part => part is not TextPart)];

        ProcessedMedia[] media = new ProcessedMedia[parts.Count];
        for (int i = 0; i < media.Length; i++)
        {
            media[i] = parts[i] switch
            {
                ImagePart image => MediaProcessor.Process(image.Image, imageBounds),
                VideoPart video => MediaProcessor.Process(video.Clip, videoBounds),
                PromptPart other => throw WrongPart(other),
            };
        }

        ExpandedPrompt whole = _expander.Expand(segments, media);
        int[] positions = MropePositions.Compute(whole.TokenIds.Length, whole.Spans, media, out int delta);
        return VideoPruningRate > 0
            ? ClipPruning.Apply(whole, positions, delta, media, VideoPruningRate, _videoTokenId)
            : new ProcessedPrompt(whole.TokenIds, positions, delta, whole.Spans, media);
    }

    private static InvalidRequestException WrongPart(PromptPart part) => new($"a part must be text, image or video; got {part.GetType().Name}");

    private static void CheckMultiple(int sizeMultiple)
    {
        if (sizeMultiple != PatchExtractor.TokenSize)
        {
            throw new InvalidRequestException($"SizeMultiple must be {PatchExtractor.TokenSize}; got {sizeMultiple}");
        }
    }
}
