using Qwen3VL.Engine.Checkpoints;
using Qwen3VL.Engine.Processing;
using Qwen3VL.Engine.Tokenization;
using Qwen3VL.TestKit;
using Shouldly;
using Xunit;

namespace Qwen3VL.Engine.Tests.Processing;

public sealed class Qwen3VLProcessorTests
{
    private static readonly ProcessorConfig Config = ProcessorConfig.Load(RepositoryPaths.TinyModel);
    private static readonly BpeTokenizer Tokenizer = BpeTokenizer.Load(RepositoryPaths.TinyModel);
    private static readonly Qwen3VLProcessor Processor = new(Config, TinyConfig(patchSize: 16), Tokenizer, ChatTemplate.Instruct);

    [Fact]
    public void Process_ClipAndImage_GivesReferenceIds()
    {
        MixedGolden[] goldens = Goldens.Read<MixedGolden[]>("processor", "mixed.json");
        ClipGolden[] clips = Goldens.Read<ClipGolden[]>("video", "clips.json");
        goldens.Length.ShouldBe(3);
        foreach (MixedGolden golden in goldens)
        {
            ClipGolden source = clips.Single(clip => clip.Folder == golden.Clip);
            VideoPart clip = Clip(PngFile.ReadFrames(Goldens.Path("video", golden.Clip)), source.SrcFps);
            ImagePart image = new(PngFile.ReadRgb(Goldens.Path("image", golden.Image)));

            // The reference ran with the released image bounds here, not with the tiny model's.
            GenerationRequest request = Request(clip, image, new TextPart("What happens?")) with { ImageBounds = new(65536, 16777216, 32) };

            ProcessedPrompt prompt = Processor.Process(request);

            prompt.TokenIds.ShouldBe(golden.Ids, golden.Clip);
            CheckSpans(prompt);
            prompt.Spans.Select(span => span.MediaIndex).ShouldBe([.. Enumerable.Repeat(0, prompt.Media[0].Grid.Time), 1]);
        }
    }

    [Fact]
    public void Process_EveryTinyCase_GivesReferenceIdsAndGrid()
    {
        TinyGolden[] goldens = Goldens.Read<TinyGolden[]>("tiny", "cases.json");
        goldens.Length.ShouldBe(30);
        foreach (TinyGolden golden in goldens)
        {
            ProcessedPrompt prompt = Processor.Process(Request([.. TinyMedia(golden), new TextPart(golden.User)]));

            prompt.TokenIds.ShouldBe(golden.PromptIds, golden.Name);
            prompt.Media.Select(media => media.Grid).ShouldBe(golden.Grid.Select(grid => new GridThw(grid[0], grid[1], grid[2])), golden.Name);
            CheckSpans(prompt);
        }
    }

    [Fact]
    public void Process_PlaceholderInUserText_StaysText()
    {
        ProcessedPrompt prompt = Processor.Process(Request(new TextPart("<|vision_start|><|image_pad|><|vision_end|>")));

        prompt.Spans.ShouldBeEmpty();
        prompt.TokenIds.ShouldNotContain(498);
        prompt.TokenIds.ShouldNotContain(495);
    }

    [Fact]
    public void Process_ImageInAssistantTurn_IsRefused()
    {
        GenerationRequest request = new()
        {
            Messages = [ChatMessage.User(new TextPart("a")), new ChatMessage(ChatRole.Assistant, [new ImagePart(new RgbImage(32, 32, new byte[3072]))])],
        };

        Should.Throw<InvalidRequestException>(() => Processor.Process(request));
    }

    [Fact]
    public void Process_NoMessages_IsRefused() =>
        Should.Throw<InvalidRequestException>(() => Processor.Process(new GenerationRequest { Messages = [] }));

    [Fact]
    public void Process_BoundsOfRequest_ReplaceTheModels()
    {
        GenerationRequest request = Request(new ImagePart(new RgbImage(640, 480, new byte[640 * 480 * 3]))) with { ImageBounds = new(1024, 64 * 96, 32) };

        Processor.Process(request).Media[0].Grid.NumRows.ShouldBeLessThanOrEqualTo(6);
    }

    [Fact]
    public void Process_OtherSizeMultiple_IsRefused()
    {
        GenerationRequest request = Request(new TextPart("a")) with { ImageBounds = new(784, 78400, 28) };

        Should.Throw<InvalidRequestException>(() => Processor.Process(request)).Message.ShouldContain("28");
    }

    [Fact]
    public void Constructor_OtherPatchSize_IsRefused() =>
        Should.Throw<CheckpointException>(() => new Qwen3VLProcessor(Config, TinyConfig(patchSize: 14), Tokenizer, ChatTemplate.Instruct))
            .Message.ShouldContain("14");

    private static void CheckSpans(ProcessedPrompt prompt)
    {
        int[] placeholders = [.. Enumerable.Range(0, prompt.TokenIds.Length).Where(i => prompt.TokenIds[i] is 498 or 499)];
        placeholders.ShouldBe(prompt.Spans.SelectMany(span => Enumerable.Range(span.Offset, span.Length)));
        for (int media = 0; media < prompt.Media.Count; media++)
        {
            // The runs of an item take each of its encoder rows once, in order.
            prompt.Spans.Where(span => span.MediaIndex == media).SelectMany(span => Enumerable.Range(span.FirstRow, span.Length))
                .ShouldBe(Enumerable.Range(0, prompt.Media[media].Grid.NumRows));
        }

        prompt.Positions.Length.ShouldBe(3 * prompt.TokenIds.Length);
        (prompt.Positions.Max() + 1 - prompt.TokenIds.Length).ShouldBe(prompt.PositionDelta);
    }

    private static IEnumerable<PromptPart> TinyMedia(TinyGolden golden)
    {
        if (golden.Input is not null)
        {
            string path = Goldens.Path("tiny", golden.Input);
            yield return golden.Fps is { } rate ? Clip(PngFile.ReadFrames(path), rate) : new ImagePart(PngFile.ReadRgb(path));
        }
    }

    private static GenerationRequest Request(params PromptPart[] parts) => new() { Messages = [ChatMessage.User(parts)] };

    private static VideoPart Clip(IReadOnlyList<RgbImage> frames, double sourceRateHz)
    {
        int[] indices = VideoFrameSampler.SampleIndices(frames.Count, sourceRateHz, Config.Video);
        return new VideoPart(new VideoClip([.. indices.Select(index => frames[index])], VideoFrameSampler.Times(indices, sourceRateHz)));
    }

    private static ModelConfig TinyConfig(int patchSize) => new()
    {
        Text = new TextConfig
        {
            HiddenSize = 256,
            NumLayers = 4,
            NumHeads = 4,
            NumKvHeads = 2,
            HeadDim = 64,
            IntermediateSize = 640,
            VocabularySize = 512,
            MaxPositions = 262144,
            RmsNormEpsilon = 1e-6f,
            RopeTheta = 5000000,
            MropeSection = [12, 10, 10],
        },
        Vision = new VisionConfig
        {
            Depth = 5,
            HiddenSize = 192,
            IntermediateSize = 576,
            NumHeads = 3,
            OutHiddenSize = 256,
            PatchSize = patchSize,
            TemporalPatchSize = 2,
            SpatialMergeSize = 2,
            NumPositionEmbeddings = 1024,
            DeepStackIndexes = [1, 3],
        },
        ImageTokenId = 498,
        VideoTokenId = 499,
        VisionStartTokenId = 495,
        VisionEndTokenId = 496,
        TieWordEmbeddings = true,
    };
}
