using Qwen3VL.Conformance.Checks;
using Qwen3VL.Engine;
using Qwen3VL.Engine.Checkpoints;
using Qwen3VL.Engine.Cpu;
using Qwen3VL.Engine.Processing;
using Qwen3VL.Engine.Tokenization;
using Qwen3VL.TestKit;
using Qwen3VL.TestKit.Cases;

namespace Qwen3VL.Conformance.Folders;

/// <summary><c>tiny/cases.json</c>: the bundled model through the engine's door on pages, scenes and clips -> prompt ids, greedy ids, text.</summary>
internal sealed class TinyFolder(string name, GoldenContext context) : GoldenFolder(name, context)
{
    private const string CasesFile = "cases.json";
    private const string QualityFile = "quality.json";
    private const double DefaultFramesPerSecond = 2;
    private const int KvMemoryMiB = 64;
    private const int RoomAfterEnd = 16;

    /// <inheritdoc/>
    public override bool IsKnown(string fileName) => fileName is CasesFile or QualityFile || fileName.EndsWith(".png", StringComparison.Ordinal);

    /// <inheritdoc/>
    public override void Run(CaseRunner cases) => cases.Section(CasesFile, () =>
    {
        TinyGolden[] goldens = Goldens.ReadFile<TinyGolden[]>(File(CasesFile));
        string folder = Context.TinyModelFolder;
        var processor = new Qwen3VLProcessor(
            ProcessorConfig.Load(folder), ModelConfig.Load(folder), BpeTokenizer.Load(folder), ChatTemplate.Detect(folder));
        int[] ends = [.. GenerationConfig.Load(folder).EosTokenIds];
        CpuBackend backend = Context.CreateBackend();
        LlmEngine engine = LlmEngine.Load(new EngineOptions { ModelFolder = folder, KvMemoryMiB = KvMemoryMiB }, backend, TimeProvider.System);
        try
        {
            // All requests are in the engine before the first answer is looked at: they run beside each other.
            (TinyGolden Golden, Task<GenerationResult> Answer)[] answers = [.. goldens.Select(golden => (golden, AnswerAsync(engine, golden, ends)))];
            foreach ((TinyGolden golden, Task<GenerationResult> answer) in answers)
            {
                cases.Case(golden.Name, check => Check(check, processor, golden, answer));
            }
        }
        finally
        {
            engine.DisposeAsync().AsTask().GetAwaiter().GetResult();
        }
    });

    private async Task<GenerationResult> AnswerAsync(LlmEngine engine, TinyGolden golden, int[] ends)
    {
        // Where the reference stopped by itself, the engine must too; where it was cut, the cut is the limit.
        bool stops = golden.Greedy.Length > 0 && ends.Contains(golden.Greedy[^1]);
        int limit = Math.Max(1, golden.Greedy.Length + (stops ? RoomAfterEnd : 0));
        IGeneration generation = await engine.SubmitAsync(Request(golden) with { MaxOutputTokens = limit }, CancellationToken.None);
        return await generation.Completion;
    }

    private void Check(CaseCheck check, Qwen3VLProcessor processor, TinyGolden golden, Task<GenerationResult> answer)
    {
        ProcessedPrompt prompt = processor.Process(Request(golden));
        check.EqualIntegers("prompt_ids", prompt.TokenIds, golden.PromptIds);
        check.EqualIntegers("grid", [.. prompt.Media.SelectMany(media => new[] { media.Grid.Time, media.Grid.Height, media.Grid.Width })],
            [.. golden.Grid.SelectMany(grid => grid)]);
        GenerationResult result = answer.GetAwaiter().GetResult();
        check.EqualIntegers("greedy", [.. result.OutputTokenIds], golden.Greedy);
        check.EqualText("text", result.Text, golden.Text);
    }

    private GenerationRequest Request(TinyGolden golden) => new()
    {
        Messages = [ChatMessage.User([.. Media(golden), new TextPart(golden.User)])],
    };

    private IEnumerable<PromptPart> Media(TinyGolden golden)
    {
        if (golden.Input is null)
        {
            yield break;
        }

        string path = File(golden.Input);
        if (System.IO.File.Exists(path))
        {
            yield return new ImagePart(PngFile.ReadRgb(path));
            yield break;
        }

        IReadOnlyList<RgbImage> frames = PngFile.ReadFrames(path);
        double rate = golden.Fps ?? DefaultFramesPerSecond;
        yield return new VideoPart(new VideoClip(frames, [.. Enumerable.Range(0, frames.Count).Select(index => index / rate)]));
    }
}
