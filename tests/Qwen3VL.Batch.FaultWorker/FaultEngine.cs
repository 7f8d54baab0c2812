using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Qwen3VL.Batch.Faults.Control;
using Qwen3VL.Batch.Faults.Ledger;
using Qwen3VL.Batch.Faults.Oracle;
using Qwen3VL.Engine;

namespace Qwen3VL.Batch.FaultWorker;

/// <summary>
/// An engine without a model: answers follow from content and prompt (<see cref="FaultAnswers"/>), times from a seed and the page. Obeys the
/// orders in the run's folder, which it reads at every request.
/// </summary>
internal sealed class FaultEngine(RunFolder folder, LedgerFile ledger, int seed, TimeSpan meanDelay, TimeProvider time) : IInferenceEngine
{
    private const int ImageTokens = 16;
    private const int OutputTokens = 12;
    private const int PromptTokens = 48;
    private const int MegaByte = 1 << 20;

    private const string HostileBoxes =
        "[{\"bbox_2d\": [1e308, -1e308, 5, 5], \"label\": \"\\u0000\\ud800\"}, {\"bbox_2d\": [NaN, 1, 2, Infinity], \"label\": \"x\"}, {\"bbox_2d\": [9, 9, 1, 1, 1], \"label\": null}]";

    private static readonly TimeSpan GatePoll = TimeSpan.FromMilliseconds(20);

    private readonly List<byte[]> _taken = [];
    private long _requests;
    private long _answered;

    /// <inheritdoc/>
    public EngineDescription Description { get; } = new(
        FaultAnswers.ModelId,
        new string('0', 64),
        "none",
        4096,
        64,
        new ImageBounds(1024, 1 << 20, 32),
        SyntheticVideo.Bounds);

    /// <inheritdoc/>
    public EngineProgress Progress
    {
        get
        {
            long answered = Interlocked.Read(ref _answered);
            return new EngineProgress(answered, (int)(Interlocked.Read(ref _requests) - answered));
        }
    }

    /// <inheritdoc/>
    public ValueTask<IGeneration> SubmitAsync(GenerationRequest request, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return ValueTask.FromResult<IGeneration>(new FaultGeneration(Interlocked.Increment(ref _requests), abort => AnswerAsync(request, abort)));
    }

    /// <inheritdoc/>
    public Task DrainAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private async Task<GenerationResult> AnswerAsync(GenerationRequest request, CancellationToken abort)
    {
        await Task.Yield();
        try
        {
            return await GenerateAsync(request, abort);
        }
        finally
        {
            _ = Interlocked.Increment(ref _answered);
        }
    }

    private async Task<GenerationResult> GenerateAsync(GenerationRequest request, CancellationToken abort)
    {
        long startedAt = time.GetTimestamp();
        string prompt = string.Concat(request.Messages.SelectMany(message => message.Parts).OfType<TextPart>().Select(part => part.Text));
        VideoClip? clip = request.Messages.SelectMany(message => message.Parts).OfType<VideoPart>().Select(part => part.Clip).FirstOrDefault();
        IReadOnlyList<RgbImage> images = clip?.Frames ?? [.. request.Messages.SelectMany(message => message.Parts).OfType<ImagePart>().Select(part => part.Image).Take(1)];
        string content = images.Count == 0 ? "" : SyntheticPages.ContentSha256(images);
        (string? file, int pageNo) = images.Count > 0 && SyntheticPages.Read(images[0]) is { } page ? (page.FileSha256, page.PageNo) : ((string?)null, 0);
        string text = FaultAnswers.Answer(content, prompt);
        FinishReason reason = FinishReason.Stop;
        try
        {
            text = await ObeyAsync(Order(file, pageNo, prompt), text, abort);
            await Task.Delay(DelayOf(file, pageNo), time, abort);
        }
        catch (OperationCanceledException) when (abort.IsCancellationRequested)
        {
            (text, reason) = ("", FinishReason.Aborted);
            ledger.Append(new LedgerRecord(LedgerEvent.EngineAborted) { Key = file });
        }

        var usage = new GenerationUsage(PromptTokens, 0, images.Count == 0 ? 0 : ImageTokens, OutputTokens, time.GetElapsedTime(startedAt));
        SeenMedia[] media = images.Count == 0 ? [] : [new SeenMedia(images[0].Width, images[0].Height, ImageTokens, content, clip is null ? [] : PairTimes(clip))];
        return new GenerationResult(text, "", [], reason, usage, media);
    }

    private static string[] PairTimes(VideoClip clip) =>
        [.. clip.TimesSeconds.Chunk(2).Select(pair => pair.Average().ToString("F1", CultureInfo.InvariantCulture))];

    private FaultOrder? Order(string? file, int pageNo, string prompt)
    {
        IReadOnlyList<FaultOrder> orders = folder.ReadOrders();
        if (!orders.Any(order => order.Concerns(file, pageNo, order.FromAttempt)))
        {
            return null;
        }

        string what = string.Create(CultureInfo.InvariantCulture, $"{(file ?? "text")[..4]}-{file?[^8..]}-{pageNo}-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(prompt)))[..8]}");
        int attempt = folder.CountAttempt(what);
        return orders.FirstOrDefault(order => order.Concerns(file, pageNo, attempt));
    }

    private async Task<string> ObeyAsync(FaultOrder? order, string text, CancellationToken abort)
    {
        switch (order?.Action)
        {
            case FaultAction.Refuse:
                throw new InvalidRequestException("request must fit; it was ordered not to");
            case FaultAction.TooLarge:
                throw new InvalidRequestException("request must fit the cache; it was ordered not to") { IsTooLarge = true };
            case FaultAction.Throw:
                throw new InvalidOperationException(new string('x', (int)order.Value));
            case FaultAction.StopEngine:
                throw new EngineInvariantException("blocks must add up; they were ordered not to");
            case FaultAction.Crash:
                UnixSignals.KillSelf();
                break;
            case FaultAction.Stall:
                await Task.Delay(Timeout.InfiniteTimeSpan, time, abort);
                break;
            case FaultAction.Deaf:
                await Task.Delay(Timeout.InfiniteTimeSpan, time, CancellationToken.None);
                break;
            case FaultAction.Slow:
                await Task.Delay(TimeSpan.FromMilliseconds(order.Value), time, abort);
                break;
            case FaultAction.Allocate:
                TakeAllMemory();
                break;
            case FaultAction.Hostile:
                return text.StartsWith('[') ? HostileBoxes : "\0" + text + "\ud800 \u0000 " + new string('\udfff', 3) + new string('y', (int)order.Value);
            case FaultAction.Gate:
                await WaitForGateAsync(order.Gate, abort);
                break;
            default:
                break;
        }

        return text;
    }

    private async Task WaitForGateAsync(string gate, CancellationToken abort)
    {
        while (!folder.IsOpen(gate))
        {
            await Task.Delay(GatePoll, time, abort);
        }
    }

    // Touched page by page, so that it is memory and not a promise of it.
    private void TakeAllMemory()
    {
        while (true)
        {
            byte[] block = GC.AllocateUninitializedArray<byte>(16 * MegaByte);
            Array.Fill(block, (byte)1);
            lock (_taken)
            {
                _taken.Add(block);
            }
        }
    }

    // Half to one and a half of the mean, by seed, file and page.
    private TimeSpan DelayOf(string? file, int pageNo)
    {
        byte[] digest = SHA256.HashData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{seed} {file} {pageNo}")));
        return meanDelay * (0.5 + (digest[0] / 255.0));
    }
}
