using Qwen3VL.Engine.Caching;
using Qwen3VL.Engine.Checkpoints;
using Qwen3VL.Engine.Diagnostics;
using Qwen3VL.Engine.Execution;
using Qwen3VL.Engine.Processing;
using Qwen3VL.Engine.Sampling;
using Qwen3VL.Engine.Scheduling;
using Qwen3VL.Engine.Tokenization;
using Qwen3VL.TestKit;
using Shouldly;
using Xunit;

namespace Qwen3VL.Engine.Tests.Execution;

/// <summary>The door: queue, drain, abort, disposal and failure, over a runner without a model whose steps the test lets pass.</summary>
public sealed class LlmEngineDoorTests : IDisposable
{
    private const int EndOfTurn = 488;
    private readonly SemaphoreSlim _steps = new(0);
    private readonly CancellationTokenSource _release = new();
    private readonly ScriptedRunner _runner;
    private Exception? _failure;

    public LlmEngineDoorTests() => _runner = new ScriptedRunner(sequence => sequence.NumOutputTokens < 3 ? 65 : EndOfTurn, 512)
    {
        OnRun = _ =>
        {
            WaitForStep();
            if (_failure is not null)
            {
                throw _failure;
            }
        },
    };

    [Fact]
    public async Task SubmitAsync_Completes_WithTheTextOfTheTokens()
    {
        await using LlmEngine engine = NewEngine();
        IGeneration generation = await engine.SubmitAsync(Request(), default);
        _release.Cancel();
        GenerationResult result = await generation.Completion;
        result.OutputTokenIds.ShouldBe([65, 65, 65, EndOfTurn]);
        result.FinishReason.ShouldBe(FinishReason.Stop);
    }

    [Fact]
    public async Task Progress_StepsWhileARequestIsOpen_GrowsAndThenNothingIsOpen()
    {
        await using LlmEngine engine = NewEngine();
        engine.Progress.ShouldBe(new EngineProgress(0, 0));
        IGeneration generation = await engine.SubmitAsync(Request(), default);
        engine.Progress.OpenRequests.ShouldBe(1);

        _release.Cancel();
        await generation.Completion;

        engine.Progress.Work.ShouldBeGreaterThan(0);
        await Eventually.TrueAsync(() => Task.FromResult(engine.Progress.OpenRequests == 0), TimeSpan.FromSeconds(20), "the request's end");
    }

    [Fact]
    public async Task SubmitAsync_QueueFull_WaitsForAPlace()
    {
        await using LlmEngine engine = NewEngine(maxWaiting: 1, maxSequences: 1);
        IGeneration running = await engine.SubmitAsync(Request(), default);
        _steps.Release();
        IGeneration waiting = await engine.SubmitAsync(Request(), default);
        Task<IGeneration> blocked = engine.SubmitAsync(Request(), default).AsTask();
        blocked.IsCompleted.ShouldBeFalse();
        _release.Cancel();
        await running.Completion;
        await waiting.Completion;
        (await (await blocked).Completion).FinishReason.ShouldBe(FinishReason.Stop);
    }

    [Fact]
    public async Task SubmitAsync_CancelledWhileWaitingForAPlace_LeavesNothingBehind()
    {
        await using LlmEngine engine = NewEngine(maxWaiting: 1, maxSequences: 1);
        await engine.SubmitAsync(Request(), default);
        _steps.Release();
        await engine.SubmitAsync(Request(), default);
        using var cancellation = new CancellationTokenSource();
        Task<IGeneration> blocked = engine.SubmitAsync(Request(), cancellation.Token).AsTask();
        cancellation.Cancel();
        await Should.ThrowAsync<OperationCanceledException>(blocked);
        _release.Cancel();
        await engine.DrainAsync(default);
    }

    [Fact]
    public async Task SubmitAsync_MediaBeyondTheBound_WaitsForRoomWhileTextGoesOn()
    {
        // 320 x 320 pixels are 614,400 bytes of patches: one fits the bound of 1 MiB, two do not.
        await using LlmEngine engine = NewEngine(maxSequences: 1);
        var picture = new ImagePart(new RgbImage(320, 320, new byte[320 * 320 * 3]));
        IGeneration running = await engine.SubmitAsync(Request(), default);
        _steps.Release();
        IGeneration first = await engine.SubmitAsync(Request() with { Messages = [ChatMessage.User(picture)] }, default);
        IGeneration text = await engine.SubmitAsync(Request(), default);
        Task<IGeneration> second = engine.SubmitAsync(Request() with { Messages = [ChatMessage.User(picture)] }, default).AsTask();
        second.IsCompleted.ShouldBeFalse();
        _release.Cancel();
        await Task.WhenAll(running.Completion, first.Completion, text.Completion);
        (await (await second).Completion).FinishReason.ShouldBe(FinishReason.Stop);
    }

    [Fact]
    public async Task SubmitAsync_MoreVisionTokensThanTheContext_IsRefusedBeforePixelsAreRead()
    {
        await using LlmEngine engine = NewEngine(maxSequenceTokens: 64);
        GenerationRequest large = Request() with
        {
            Messages = [ChatMessage.User(new ImagePart(new RgbImage(32, 32, new byte[32 * 32 * 3])))],
            ImageBounds = new ImageBounds(65 * 1024, int.MaxValue, 32),
        };
        IGeneration refused = await engine.SubmitAsync(large, default);
        InvalidRequestException refusal = await Should.ThrowAsync<InvalidRequestException>(refused.Completion);
        refusal.Message.ShouldContain("vision tokens must be below 64");
        refusal.IsTooLarge.ShouldBeTrue();
        IGeneration absurd = await engine.SubmitAsync(large with { ImageBounds = new ImageBounds(int.MaxValue, int.MaxValue, 32) }, default);
        (await Should.ThrowAsync<InvalidRequestException>(absurd.Completion)).Message.ShouldContain("bytes");
    }

    [Fact]
    public async Task SubmitAsync_RequestThatCanNeverRun_FaultsItsHandleAndTheEngineGoesOn()
    {
        await using LlmEngine engine = NewEngine();
        _release.Cancel();
        (GenerationRequest Request, bool IsTooLarge)[] wrong =
        [
            (Request() with { Messages = [] }, false),
            (Request() with { MaxOutputTokens = 0 }, false),
            (Request() with { StopStrings = [""] }, false),
            (Request() with { Sampling = new SamplingParameters { TopP = 2 } }, false),
            (Request() with { Messages = [ChatMessage.User(new TextPart(new string('x', 5_000)))] }, true),
        ];
        foreach ((GenerationRequest request, bool isTooLarge) in wrong)
        {
            IGeneration refused = await engine.SubmitAsync(request, default);
            InvalidRequestException refusal = await Should.ThrowAsync<InvalidRequestException>(refused.Completion);
            refusal.Message.ShouldContain("got");
            refusal.IsTooLarge.ShouldBe(isTooLarge);
        }

        IGeneration good = await engine.SubmitAsync(Request(), default);
        (await good.Completion).FinishReason.ShouldBe(FinishReason.Stop);
    }

    [Fact]
    public async Task SubmitAsync_MoreOutputThanTheContextLeaves_IsCappedAndEndsWithLength()
    {
        await using LlmEngine engine = NewEngine(maxSequenceTokens: 32);
        _release.Cancel();
        GenerationRequest request = Request() with { Messages = [ChatMessage.User(new TextPart("ab"))], MaxOutputTokens = 1_000_000 };
        GenerationResult whole = await (await engine.SubmitAsync(request, default)).Completion;
        int promptTokens = whole.Usage.PromptTokens;
        await using LlmEngine tight = NewEngine(maxSequenceTokens: promptTokens + 2);
        GenerationResult cut = await (await tight.SubmitAsync(request, default)).Completion;
        cut.FinishReason.ShouldBe(FinishReason.Length);
        cut.Usage.OutputTokens.ShouldBe(2);
    }

    [Fact]
    public async Task Abort_OfARunningRequest_CompletesItAsAborted()
    {
        await using LlmEngine engine = NewEngine();
        IGeneration generation = await engine.SubmitAsync(Request(), default);
        generation.Abort();
        generation.Abort();
        _steps.Release();
        (await generation.Completion).FinishReason.ShouldBe(FinishReason.Aborted);
        generation.Abort();
        _release.Cancel();
        await engine.DrainAsync(default);
        engine.Metrics.FreeKvBlocks.ShouldBe(63);
    }

    [Fact]
    public async Task DrainAsync_FinishesWhatIsOpenAndRefusesMore()
    {
        await using LlmEngine engine = NewEngine(maxSequences: 2);
        IGeneration[] open = [await engine.SubmitAsync(Request(), default), await engine.SubmitAsync(Request(), default), await engine.SubmitAsync(Request(), default)];
        Task drained = engine.DrainAsync(default);
        drained.IsCompleted.ShouldBeFalse();
        await Should.ThrowAsync<ObjectDisposedException>(async () => await engine.SubmitAsync(Request(), default));
        _release.Cancel();
        await drained;
        open.ShouldAllBe(generation => generation.Completion.IsCompletedSuccessfully);
    }

    [Fact]
    public async Task DisposeAsync_OpenRequests_AreAbortedAndTheRunnerIsDisposed()
    {
        LlmEngine engine = NewEngine();
        IGeneration generation = await engine.SubmitAsync(Request(), default);
        ValueTask disposed = engine.DisposeAsync();
        _steps.Release();
        await disposed;
        (await generation.Completion).FinishReason.ShouldBe(FinishReason.Aborted);
        _runner.IsDisposed.ShouldBeTrue();
        await engine.DisposeAsync();
        await Should.ThrowAsync<ObjectDisposedException>(async () => await engine.SubmitAsync(Request(), default));
    }

    [Fact]
    public async Task Step_Fails_FaultsEveryOpenRequestAndRefusesLaterOnes()
    {
        await using LlmEngine engine = NewEngine(maxSequences: 1);
        _failure = new InvalidOperationException("device lost");
        IGeneration running = await engine.SubmitAsync(Request(), default);
        IGeneration waiting = await engine.SubmitAsync(Request(), default);
        _steps.Release();
        EngineInvariantException failure = await Should.ThrowAsync<EngineInvariantException>(running.Completion);
        failure.InnerException.ShouldBe(_failure);
        await Should.ThrowAsync<EngineInvariantException>(waiting.Completion);
        await Should.ThrowAsync<EngineInvariantException>(async () =>
        {
            await foreach (string _ in running.ReadTextAsync(default))
            {
            }
        });
        await Should.ThrowAsync<EngineInvariantException>(async () => await engine.SubmitAsync(Request(), default));
        await engine.DrainAsync(default);
    }

    [Fact]
    public async Task Log_Throws_FailsNoRequestAndHidesNoFailure()
    {
        await using LlmEngine engine = NewEngine(log: new ThrowingEngineLog());
        IGeneration good = await engine.SubmitAsync(Request(), default);
        _steps.Release(4);
        (await good.Completion).FinishReason.ShouldBe(FinishReason.Stop);
        _failure = new InvalidOperationException("device lost");
        IGeneration bad = await engine.SubmitAsync(Request(), default);
        _steps.Release();
        (await Should.ThrowAsync<EngineInvariantException>(bad.Completion)).InnerException.ShouldBe(_failure);
        await engine.DrainAsync(default);
    }

    public void Dispose()
    {
        _release.Cancel();
        _release.Dispose();
        _steps.Dispose();
    }

    private static GenerationRequest Request() => new() { Messages = [ChatMessage.User(new TextPart("hello"))], MaxOutputTokens = 20 };

    /// <summary>Lets a step pass for each release, and all of them once the test has cancelled.</summary>
    private void WaitForStep()
    {
        try
        {
            _steps.Wait(_release.Token);
        }
        catch (OperationCanceledException)
        {
            // From here on steps run freely.
        }
    }

    private LlmEngine NewEngine(int maxWaiting = 8, int maxSequences = 4, int maxSequenceTokens = 1_000, IEngineLog? log = null)
    {
        BpeTokenizer tokenizer = BpeTokenizer.Load(RepositoryPaths.TinyModel);
        var processor = new Qwen3VLProcessor(
            ProcessorConfig.Load(RepositoryPaths.TinyModel),
            ModelConfig.Load(RepositoryPaths.TinyModel),
            tokenizer,
            ChatTemplate.Detect(RepositoryPaths.TinyModel));
        var admission = new RequestAdmission(processor, tokenizer, new StopRules([EndOfTurn], false, -1, -1), BlockHash.Root("test"), maxSequenceTokens);
        var metrics = new EngineMetrics();
        var core = new EngineCore(
            new Scheduler(new SchedulerLimits(64, 100, maxSequences), new KvCacheManager(new BlockPool(64), true), new EncoderCache(100)),
            _runner,
            new Sampler(512, 512),
            TimeProvider.System,
            metrics,
            log ?? NoEngineLog.Instance);
        var description = new EngineDescription("scripted", "", "none", maxSequenceTokens, maxSequences, processor.ImageBounds, processor.VideoBounds);
        return new LlmEngine(description, admission, core, metrics, new SubmissionQueue(maxWaiting, 1 << 20), log ?? NoEngineLog.Instance);
    }
}
