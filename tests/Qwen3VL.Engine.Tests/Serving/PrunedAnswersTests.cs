using Qwen3VL.Engine.Cpu;
using Qwen3VL.TestKit;
using Shouldly;
using Xunit;
using Xunit.Abstractions;

namespace Qwen3VL.Engine.Tests.Serving;

/// <summary>What pruning does to the bundled model's answers on real clips; the numbers stand in engine/docs/video-pruning.md.</summary>
public sealed class PrunedAnswersTests(ITestOutputHelper output)
{
    private const double DefaultFramesPerSecond = 2;

    // A level that about every machine has: where two tokens are nearly as likely, the rounding of a higher one may choose the other.
    private static readonly CpuFeatureLevel Level = CpuFeatures.IsSupported(CpuFeatureLevel.Avx2) ? CpuFeatureLevel.Avx2 : CpuFeatureLevel.Scalar;
    private static readonly TinyGolden[] Clips = [.. Goldens.Read<TinyGolden[]>("tiny", "cases.json").Where(golden => golden.Grid.Length == 1 && golden.Grid[0][0] > 1)];

    [Theory]
    [InlineData(0.3, 1_267, 4)]
    [InlineData(0.5, 1_123, 2)]
    public async Task Answers_OfAnEngineThatPrunes_AreAsTheTableSays(double rate, int expectedPromptTokens, int expectedSame)
    {
        var options = new EngineOptions { ModelFolder = RepositoryPaths.TinyModel, KvMemoryMiB = 32, MaxSequences = 6, StepTokenBudget = 256, VideoPruningRate = rate };
        await using LlmEngine engine = LlmEngine.Load(options, new CpuBackend(new CpuBackendOptions { Threads = 1, FeatureLevel = Level }), TimeProvider.System);
        int same = 0;
        int promptTokens = 0;
        foreach (TinyGolden golden in Clips)
        {
            IReadOnlyList<RgbImage> frames = PngFile.ReadFrames(Goldens.Path("tiny", golden.Input!)); // A clip has an input.
            double[] times = [.. Enumerable.Range(0, frames.Count).Select(index => index / (golden.Fps ?? DefaultFramesPerSecond))];
            IGeneration generation = await engine.SubmitAsync(
                new GenerationRequest
                {
                    Messages = [ChatMessage.User(new VideoPart(new VideoClip(frames, times)), new TextPart(golden.User))],
                    MaxOutputTokens = 200,
                },
                default);
            GenerationResult result = await generation.Completion;
            same += result.Text == golden.Text ? 1 : 0;
            promptTokens += result.Usage.PromptTokens;
            output.WriteLine($"{golden.Name} {golden.PromptIds.Length} -> {result.Usage.PromptTokens} prompt tokens, same answer: {result.Text == golden.Text}");
        }

        Clips.Sum(golden => golden.PromptIds.Length).ShouldBe(1_486);
        promptTokens.ShouldBe(expectedPromptTokens);
        same.ShouldBe(expectedSame);
    }
}
