using Qwen3VL.Batch.Jobs;
using Qwen3VL.Batch.Media;
using Qwen3VL.TestKit;
using Shouldly;
using Xunit;

namespace Qwen3VL.Batch.Tests.Media.Fetching;

/// <summary>Several users of one URL, and the room that files take.</summary>
public sealed class UrlSharingTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly byte[] Content = "%PDF-1.7 content"u8.ToArray();
    private static readonly byte[] TwoThirds = new byte[700_000];

    private readonly TaskCompletionSource _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    [Fact]
    public async Task Resolve_SeveralAtOnce_ShareOneDownload()
    {
        await using UrlStore store = StartSlow();
        Task<SourceFile>[] all = [.. Enumerable.Range(0, 8).Select(_ => store.ResolveAsync())];
        await _asked.Task;
        _answer.SetResult();

        SourceFile[] files = await Task.WhenAll(all);

        store.Server.Received.Count.ShouldBe(1);
        files.Select(file => file.Path).Distinct().ShouldHaveSingleItem();
        store.Sources.UsedBytes.ShouldBe(Content.Length);
    }

    [Fact]
    public async Task Resolve_OneOfTwoGivesUp_TheOtherGetsTheFile()
    {
        await using UrlStore store = StartSlow();
        using CancellationTokenSource impatient = new();
        Task<SourceFile> first = store.ResolveAsync(cancellationToken: impatient.Token);
        Task<SourceFile> second = store.ResolveAsync();
        await _asked.Task;

        await impatient.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(first);
        _answer.SetResult();
        using SourceFile file = await second;

        file.Sha256.ShouldBe(UrlStore.Hash(Content));
        store.Server.Received.Count.ShouldBe(1);
    }

    [Fact]
    public async Task Resolve_AllGiveUp_TheDownloadEndsAndLeavesNothing()
    {
        await using UrlStore store = UrlStore.Start(async exchange =>
        {
            await exchange.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf");
            _asked.SetResult();
            await exchange.WaitForCloseAsync();
            _closed.SetResult();
        });
        using CancellationTokenSource stop = new();
        Task<SourceFile> first = store.ResolveAsync(cancellationToken: stop.Token);
        Task<SourceFile> second = store.ResolveAsync(cancellationToken: stop.Token);
        await _asked.Task;

        await stop.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(first);
        await Should.ThrowAsync<OperationCanceledException>(second);
        await _closed.Task.WaitAsync(Patience);
        await Eventually.TrueAsync(() => Task.FromResult(store.Files.Length == 0 && store.Sources.UsedBytes == 0), Patience, "the half file's end");
    }

    [Fact]
    public async Task Resolve_FailureOfASharedDownload_ReachesAllAndIsForgotten()
    {
        int calls = 0;
        await using UrlStore store = UrlStore.Start(async exchange =>
        {
            if (Interlocked.Increment(ref calls) > 1)
            {
                await exchange.AnswerAsync(200, Content);
                return;
            }

            _asked.SetResult();
            await _answer.Task;
            await exchange.AnswerAsync(503, []);
        });
        Task<SourceFile> first = store.ResolveAsync();
        Task<SourceFile> second = store.ResolveAsync();
        await _asked.Task;
        _answer.SetResult();

        await Should.ThrowAsync<SourceUnavailableException>(first);
        await Should.ThrowAsync<SourceUnavailableException>(second);
        using SourceFile file = await store.ResolveAsync();

        calls.ShouldBe(2);
    }

    [Fact]
    public async Task Resolve_RoomTakenByFilesInUse_CanBeTriedAgainWhenTheyAreReleased()
    {
        await using UrlStore store = UrlStore.Start(exchange => exchange.AnswerAsync(200, TwoThirds), options => options with { FetchCacheMiB = 1 });
        SourceFile first = await store.ResolveAsync(UrlStore.Url("/1"));

        SourceUnavailableException full = await Should.ThrowAsync<SourceUnavailableException>(() => store.ResolveAsync(UrlStore.Url("/2")));
        File.Exists(first.Path).ShouldBeTrue();
        first.Dispose();
        using SourceFile second = await store.ResolveAsync(UrlStore.Url("/2"));

        full.Message.ShouldContain("Media:FetchCacheMiB");
        full.IsOfWorker.ShouldBeTrue();
        File.Exists(first.Path).ShouldBeFalse();
        store.Files.Length.ShouldBe(1);
        store.Sources.UsedBytes.ShouldBe(TwoThirds.Length);
    }

    [Fact]
    public async Task Resolve_RoomNeeded_TheFileUsedLongestAgoGoes()
    {
        byte[] third = new byte[400_000];
        await using UrlStore store = UrlStore.Start(exchange => exchange.AnswerAsync(200, third), options => options with { FetchCacheMiB = 1 });
        string sha256 = UrlStore.Hash(third);
        foreach (string path in (string[])["/1", "/2"])
        {
            (await store.ResolveAsync(UrlStore.Url(path))).Dispose();
        }

        (await store.ResolveAsync(UrlStore.Url("/1"), sha256)).Dispose();
        (await store.ResolveAsync(UrlStore.Url("/3"))).Dispose();
        int before = store.Server.Received.Count;
        (await store.ResolveAsync(UrlStore.Url("/1"), sha256)).Dispose();
        store.Server.Received.Count.ShouldBe(before);
        (await store.ResolveAsync(UrlStore.Url("/2"), sha256)).Dispose();

        store.Server.Received.Count.ShouldBe(before + 1);
    }

    [Fact]
    public async Task Resolve_KeptFileThatSomethingDeleted_IsFetchedAgain()
    {
        await using UrlStore store = UrlStore.Start(exchange => exchange.AnswerAsync(200, Content));
        using SourceFile first = await store.ResolveAsync();
        File.Delete(first.Path);

        using SourceFile second = await store.ResolveAsync(sha256: first.Sha256);

        (await File.ReadAllBytesAsync(second.Path)).ShouldBe(Content);
        store.Server.Received.Count.ShouldBe(2);
        store.Sources.UsedBytes.ShouldBe(Content.Length);
    }

    [Fact]
    public async Task Resolve_WholeFolderDeleted_IsMadeAndFetchedAgain()
    {
        await using UrlStore store = UrlStore.Start(exchange => exchange.AnswerAsync(200, TwoThirds), options => options with { FetchCacheMiB = 1 });
        using SourceFile first = await store.ResolveAsync(UrlStore.Url("/1"));
        (await store.ResolveAsync(UrlStore.Url("/1"), first.Sha256)).Dispose();
        Directory.Delete(store.Sources.FolderPath, recursive: true);
        first.Dispose();

        using SourceFile second = await store.ResolveAsync(UrlStore.Url("/2"));

        (await File.ReadAllBytesAsync(second.Path)).ShouldBe(TwoThirds);
        store.Files.Length.ShouldBe(1);
        store.Sources.UsedBytes.ShouldBe(TwoThirds.Length);
    }

    [Fact]
    public async Task Resolve_HoldEndedTwice_CountsOnce()
    {
        await using UrlStore store = UrlStore.Start(exchange => exchange.AnswerAsync(200, TwoThirds), options => options with { FetchCacheMiB = 1 });
        SourceFile first = await store.ResolveAsync(UrlStore.Url("/1"));
        using SourceFile second = await store.ResolveAsync(UrlStore.Url("/1"), first.Sha256);

        first.Dispose();
        first.Dispose();

        await Should.ThrowAsync<SourceUnavailableException>(() => store.ResolveAsync(UrlStore.Url("/2")));
        File.Exists(second.Path).ShouldBeTrue();
    }

    [Fact]
    public async Task Resolve_FileLargerThanAllRoom_ExceedsTheLimit()
    {
        await using UrlStore store = UrlStore.Start(exchange => exchange.AnswerAsync(200, new byte[1_100_000]), options => options with { FetchCacheMiB = 1 });

        await store.RefusedAsync(ErrorCodes.LimitExceeded);

        store.Files.ShouldBeEmpty();
    }

    private UrlStore StartSlow() => UrlStore.Start(async exchange =>
    {
        _asked.SetResult();
        await _answer.Task;
        await exchange.AnswerAsync(200, Content);
    });
}
