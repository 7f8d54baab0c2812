using Qwen3VL.Engine.Backends;
using Qwen3VL.Engine.Checkpoints;
using Qwen3VL.Engine.Processing;
using Qwen3VL.Engine.Tokenization;
using Qwen3VL.TestKit;
using Qwen3VL.TestKit.Cases;
using Shouldly;
using Xunit;

namespace Qwen3VL.Engine.Contract.Serving;

/// <summary>The bundled model through the door, on real pages, scenes and clips: same prompt, same tokens, same text as the reference.</summary>
public abstract class TinyGoldenContract
{
    private const double DefaultFramesPerSecond = 2;
    private static readonly TinyGolden[] Cases = Goldens.Read<TinyGolden[]>("tiny", "cases.json");

    public static TheoryData<string> CaseNames => [.. Cases.Select(golden => golden.Name)];

    protected abstract IBackend CreateBackend();

    [Theory]
    [MemberData(nameof(CaseNames))]
    public void Prompt_OfAGoldenCase_HasTheReferenceIds(string name)
    {
        TinyGolden golden = Array.Find(Cases, candidate => candidate.Name == name)!; // Named by the same list.
        string folder = RepositoryPaths.TinyModel;
        var processor = new Qwen3VLProcessor(
            ProcessorConfig.Load(folder), ModelConfig.Load(folder), BpeTokenizer.Load(folder), ChatTemplate.Detect(folder));
        ProcessedPrompt prompt = processor.Process(Request(golden));
        prompt.TokenIds.ShouldBe(golden.PromptIds);
        prompt.Media.Select(media => new[] { media.Grid.Time, media.Grid.Height, media.Grid.Width }).ShouldBe(golden.Grid);
    }

    [Fact]
    public async Task Generate_AllGoldenCasesAtOnce_GivesTheReferenceTokens()
    {
        await using LlmEngine engine = Load(new EngineOptions { ModelFolder = RepositoryPaths.TinyModel, KvMemoryMiB = 64, MaxSequences = 6, StepTokenBudget = 256 });
        var generations = new List<IGeneration>();
        foreach (TinyGolden golden in Cases)
        {
            generations.Add(await engine.SubmitAsync(Request(golden), default));
        }

        for (int i = 0; i < Cases.Length; i++)
        {
            string streamed = "";
            await foreach (string piece in generations[i].ReadTextAsync(default))
            {
                streamed += piece;
            }

            GenerationResult result = await generations[i].Completion;
            result.OutputTokenIds.ShouldBe(Cases[i].Greedy, Cases[i].Name);
            result.Text.ShouldBe(Cases[i].Text, Cases[i].Name);
            result.FinishReason.ShouldBe(FinishReason.Stop, Cases[i].Name);
            result.Usage.PromptTokens.ShouldBe(Cases[i].PromptIds.Length, Cases[i].Name);
            streamed.ShouldBe(result.Text, Cases[i].Name);
        }
    }

    [Theory]
    [InlineData(false, 1, 64)]
    [InlineData(true, 4, 96)]
    public async Task Generate_OtherBatchingAndCaching_GivesTheReferenceTokens(bool prefixCache, int maxSequences, int stepTokenBudget)
    {
        TinyGolden[] some = [.. Cases.Where((_, index) => index % 3 == 0)];
        await using LlmEngine engine = Load(new EngineOptions
        {
            ModelFolder = RepositoryPaths.TinyModel,
            KvMemoryMiB = 8,
            MaxSequences = maxSequences,
            StepTokenBudget = stepTokenBudget,
            PrefixCache = prefixCache,
        });
        IGeneration[] generations = await Task.WhenAll(some.Select(golden => engine.SubmitAsync(Request(golden), default).AsTask()));
        for (int i = 0; i < some.Length; i++)
        {
            (await generations[i].Completion).OutputTokenIds.ShouldBe(some[i].Greedy, some[i].Name);
        }

        await engine.DrainAsync(default);
        engine.Metrics.RunningSequences.ShouldBe(0);
    }

    [Fact]
    public async Task Generate_StopString_EndsTheTextBeforeIt()
    {
        TinyGolden golden = Array.Find(Cases, candidate => candidate.Name == "line0")!; // In the goldens by name.
        await using LlmEngine engine = Load(new EngineOptions { ModelFolder = RepositoryPaths.TinyModel, KvMemoryMiB = 8 });
        IGeneration generation = await engine.SubmitAsync(Request(golden) with { StopStrings = ["cket"] }, default);
        GenerationResult result = await generation.Completion;
        result.Text.ShouldBe(golden.Text[..golden.Text.IndexOf("cket", StringComparison.Ordinal)]);
        result.FinishReason.ShouldBe(FinishReason.Stop);
        result.Media.Count.ShouldBe(1);
        result.Media[0].Tokens.ShouldBe(result.Usage.ImageTokens);
    }

    [Fact]
    public async Task Description_OfTheLoadedModel_SaysWhatFits()
    {
        // 4 layers x 2 x 2 heads x 64 values of this backend's size, 16 tokens a block, one block for nobody.
        await using LlmEngine engine = Load(new EngineOptions { ModelFolder = RepositoryPaths.TinyModel, KvMemoryMiB = 1 });
        using IBackend backend = CreateBackend();
        long blockBytes = 4L * 2 * 2 * 64 * backend.KvElementBytes * 16;
        engine.Description.MaxSequenceTokens.ShouldBe((int)(((1 << 20) / blockBytes) - 1) * 16);
        engine.Description.ModelSha256.Length.ShouldBe(64);
        engine.Description.ModelId.ShouldBe("qwen3vl-tiny");
        IGeneration refused = await engine.SubmitAsync(TinyRequests.Ask(new string('x', 10_000)), default);
        await Should.ThrowAsync<InvalidRequestException>(refused.Completion);
    }

    private LlmEngine Load(EngineOptions options) => LlmEngine.Load(options, CreateBackend(), TimeProvider.System);

    private static GenerationRequest Request(TinyGolden golden)
    {
        if (golden.Input is null)
        {
            return TinyRequests.Ask(golden.User) with { MaxOutputTokens = 400 };
        }

        PromptPart media = golden.Input.EndsWith(".png", StringComparison.Ordinal)
            ? new ImagePart(PngFile.ReadRgb(Goldens.Path("tiny", golden.Input)))
            : new VideoPart(TinyRequests.ClipOf(golden.Input, golden.Fps ?? DefaultFramesPerSecond));
        return TinyRequests.Ask(golden.User, media) with { MaxOutputTokens = 400 };
    }
}
