using System.IO.Compression;
using System.Text;
using Qwen3VL.Batch.Contracts.V1;
using Qwen3VL.Batch.Jobs;
using Qwen3VL.Batch.Media;
using Qwen3VL.Batch.Media.Fetching;
using Qwen3VL.Batch.Pipeline;
using Qwen3VL.TestKit.Servers;
using Shouldly;
using Xunit;

namespace Qwen3VL.Batch.Tests.Media.Fetching;

public sealed class UrlSourcesTests
{
    private static readonly byte[] Content = "%PDF-1.7 content"u8.ToArray();

    [Fact]
    public async Task Resolve_AllowedUrl_GivesTheFile()
    {
        await using UrlStore store = UrlStore.Start(exchange => exchange.AnswerAsync(200, Content));

        using SourceFile file = await store.ResolveAsync();

        (await File.ReadAllBytesAsync(file.Path)).ShouldBe(Content);
        (file.Sha256, file.SizeBytes, file.DisplayName).ShouldBe((UrlStore.Hash(Content), Content.Length, "http://store.example.org"));
        store.Sources.UsedBytes.ShouldBe(Content.Length);
    }

    [Fact]
    public async Task Resolve_Request_CarriesNothingOfTheWorker()
    {
        await using UrlStore store = UrlStore.Start(exchange => exchange.AnswerAsync(200, Content, "Set-Cookie: a=b"));
        using SourceFile first = await store.ResolveAsync();
        using SourceFile second = await store.ResolveAsync();

        store.Server.Received.Count.ShouldBe(2);
        foreach (ScriptedExchange exchange in store.Server.Received)
        {
            string[] lines = exchange.Head.Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
            lines[0].ShouldBe($"GET /a.pdf?sig={UrlStore.Signature} HTTP/1.1");
            lines.Skip(1).Order(StringComparer.Ordinal).ShouldBe(["Accept-Encoding: identity", "Host: store.example.org", "User-Agent: qwen3vl-batch"]);
        }
    }

    [Theory]
    [InlineData("http://other.example.org/a.pdf")]
    [InlineData("http://store.example.org:8080/a.pdf")]
    [InlineData("http://user:top-secret-signature@store.example.org/a.pdf")]
    [InlineData("http://@store.example.org/a.pdf")]
    [InlineData("http://store.example.org/a.pdf#top-secret-signature")]
    [InlineData("http://store.example.org /a.pdf")]
    [InlineData("http:///a.pdf")]
    [InlineData("http://93.184.216.34/a.pdf")]
    [InlineData("http://store.example.org\\@other.example.org/")]
    public async Task Resolve_UrlAgainstTheRules_IsRefusedWithoutALookup(string url)
    {
        await using UrlStore store = UrlStore.Start(exchange => exchange.AnswerAsync(200, Content));

        await store.RefusedAsync(ErrorCodes.SourceRefused, url);

        store.Network.Lookups.ShouldBeEmpty();
        store.Server.Received.ShouldBeEmpty();
    }

    [Fact]
    public async Task Resolve_HttpByDefault_IsRefused()
    {
        await using UrlStore store = UrlStore.Start(exchange => exchange.AnswerAsync(200, Content), options => options with { AllowedSchemes = [] });

        (await store.RefusedAsync(ErrorCodes.SourceRefused)).Message.ShouldContain("Media:AllowedSchemes");

        store.Server.Received.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("10.0.0.5", false)]
    [InlineData("127.0.0.1", false)]
    [InlineData("::ffff:127.0.0.1", true)]
    [InlineData("169.254.169.254", true)]
    [InlineData("0.0.0.0", true)]
    [InlineData("224.0.0.1", true)]
    public async Task Resolve_NameOfAnAddressInside_IsRefusedWithoutAConnection(string address, bool allowPrivateAddresses)
    {
        await using UrlStore store = UrlStore.Start(
            exchange => exchange.AnswerAsync(200, Content), options => options with { AllowPrivateAddresses = allowPrivateAddresses });
        store.Network.Name(UrlStore.Host, address).Serve(address, store.Server.Port);

        await store.RefusedAsync(ErrorCodes.SourceRefused);

        store.Network.Connections.ShouldBeEmpty();
    }

    [Fact]
    public async Task Resolve_PrivateAddressThatIsAllowed_IsServed()
    {
        await using UrlStore store = UrlStore.Start(exchange => exchange.AnswerAsync(200, Content), options => options with { AllowPrivateAddresses = true });
        store.Network.Name(UrlStore.Host, "10.0.0.5").Serve("10.0.0.5", store.Server.Port);

        using SourceFile file = await store.ResolveAsync();

        file.SizeBytes.ShouldBe(Content.Length);
    }

    [Fact]
    public async Task Resolve_NameOfSeveralAddresses_ConnectsToTheCheckedOnesOnlyAndAsksOnce()
    {
        await using UrlStore store = UrlStore.Start(exchange => exchange.AnswerAsync(200, Content));
        store.Network.Name(UrlStore.Host, "127.0.0.1", "8.8.4.4", UrlStore.Address);

        using SourceFile file = await store.ResolveAsync();

        store.Network.Lookups.ShouldBe([UrlStore.Host]);
        store.Network.Connections.Select(endPoint => endPoint.Address.ToString()).ShouldBe(["8.8.4.4", UrlStore.Address]);
    }

    [Theory]
    [InlineData("localhost")]
    [InlineData("127.0.0.1")]
    [InlineData("2130706433")]
    [InlineData("[::ffff:127.0.0.1]")]
    public async Task Resolve_ThisMachineByTheSystemsNames_IsRefused(string host)
    {
        await using var server = ScriptedHttpServer.Start(exchange => exchange.AnswerAsync(200, Content));
        string allowed = host == "2130706433" ? "127.0.0.1" : host;
        using UrlSources sources = new(new MediaOptions { AllowedHosts = [$"{allowed}:{server.Port}"], AllowedSchemes = ["http"] }, new SystemNetwork(), TimeProvider.System);

        ContentException exception = await Should.ThrowAsync<ContentException>(
            () => sources.ResolveAsync(new JobSource { Uri = $"http://{host}:{server.Port}/a.pdf" }, null, default));

        exception.Code.ShouldBe(ErrorCodes.SourceRefused);
        exception.Message.ShouldContain("Media:AllowPrivateAddresses");
        server.Received.ShouldBeEmpty();
    }

    [Fact]
    public async Task Resolve_LocalhostThatIsAllowed_IsServed()
    {
        await using var server = ScriptedHttpServer.Start(exchange => exchange.AnswerAsync(200, Content));
        MediaOptions options = new() { AllowedHosts = [$"localhost:{server.Port}"], AllowedSchemes = ["http"], AllowPrivateAddresses = true };
        using UrlSources sources = new(options, new SystemNetwork(), TimeProvider.System);

        using SourceFile file = await sources.ResolveAsync(new JobSource { Uri = $"http://localhost:{server.Port}/a.pdf" }, null, default);

        file.Sha256.ShouldBe(UrlStore.Hash(Content));
    }

    [Theory]
    [InlineData(404, ErrorCodes.SourceNotFound)]
    [InlineData(410, ErrorCodes.SourceNotFound)]
    [InlineData(401, ErrorCodes.SourceRefused)]
    [InlineData(403, ErrorCodes.SourceRefused)]
    [InlineData(400, ErrorCodes.SourceRefused)]
    [InlineData(206, ErrorCodes.SourceRefused)]
    [InlineData(304, ErrorCodes.SourceRefused)]
    public async Task Resolve_AnswerThatWillStay_IsTheSourcesFault(int status, string code)
    {
        await using UrlStore store = UrlStore.Start(exchange => exchange.AnswerAsync(status, Content));

        (await store.RefusedAsync(code)).Message.ShouldContain($"answered {status}");

        store.Files.ShouldBeEmpty();
    }

    [Theory]
    [InlineData(500)]
    [InlineData(502)]
    [InlineData(503)]
    [InlineData(429)]
    [InlineData(408)]
    public async Task Resolve_AnswerThatMayPass_CanBeTriedAgain(int status)
    {
        int calls = 0;
        await using UrlStore store = UrlStore.Start(
            exchange => Interlocked.Increment(ref calls) == 1 ? exchange.AnswerAsync(status, []) : exchange.AnswerAsync(200, Content));

        TransientErrors.IsTransient(await store.UnavailableAsync()).ShouldBeTrue();
        using SourceFile file = await store.ResolveAsync();

        file.Sha256.ShouldBe(UrlStore.Hash(Content));
    }

    [Fact]
    public async Task Resolve_NobodyAnswersOrKnowsTheName_CanBeTriedAgain()
    {
        await using UrlStore store = UrlStore.Start(exchange => exchange.AnswerAsync(200, Content));
        store.Network.Name(UrlStore.Host, "8.8.4.4");

        await store.UnavailableAsync();
        await using UrlStore nameless = UrlStore.Start(exchange => exchange.AnswerAsync(200, Content), options => options with { AllowedHosts = ["*.example.org"] });

        await nameless.UnavailableAsync(UrlStore.Url(host: "nowhere.example.org"));
    }

    [Fact]
    public async Task Resolve_BodyCutShort_CanBeTriedAgain()
    {
        await using UrlStore store = UrlStore.Start(exchange => exchange.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf"));

        await store.UnavailableAsync();
    }

    [Fact]
    public async Task Resolve_SlowBody_IsGivenUpAtTheTimeLimit()
    {
        TaskCompletionSource begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using UrlStore store = UrlStore.Start(async exchange =>
        {
            await exchange.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf");
            begun.SetResult();
            await exchange.WaitForCloseAsync();
        });
        Task<SourceUnavailableException> failing = store.UnavailableAsync();
        await begun.Task;

        store.Time.Advance(TimeSpan.FromSeconds(store.Options.FetchTimeoutSeconds + 1));

        (await failing).Message.ShouldContain("within 600 s");
    }

    [Theory]
    [InlineData("Content-Length: 1000001")]
    [InlineData("Transfer-Encoding: chunked")]
    [InlineData("Connection: close")]
    public async Task Resolve_TooManyBytes_ExceedTheLimitWhateverTheHeadSays(string header)
    {
        bool chunked = header.Contains("chunked", StringComparison.Ordinal);
        byte[] part = new byte[10_000];
        byte[] piece = chunked ? [.. Encoding.ASCII.GetBytes($"{part.Length:x}\r\n"), .. part, .. "\r\n"u8] : part;
        await using UrlStore store = UrlStore.Start(
            async exchange =>
            {
                await exchange.SendAsync($"HTTP/1.1 200 OK\r\n{header}\r\n\r\n");
                while (true)
                {
                    // Without end: only the client's limit ends it.
                    await exchange.SendAsync(piece);
                }
            },
            options => options with { MaxFileBytes = 1_000_000 });

        await store.RefusedAsync(ErrorCodes.LimitExceeded);

        store.Files.ShouldBeEmpty();
        store.Sources.UsedBytes.ShouldBe(0);
    }

    [Fact]
    public async Task Resolve_EmptyBody_IsRefused()
    {
        await using UrlStore store = UrlStore.Start(exchange => exchange.AnswerAsync(200, []));

        await store.RefusedAsync(ErrorCodes.SourceRefused);

        store.Files.ShouldBeEmpty();
    }

    [Fact]
    public async Task Resolve_PackedBody_IsNeverUnpacked()
    {
        byte[] bomb = Pack(new byte[50_000_000]);
        await using UrlStore declared = UrlStore.Start(exchange => exchange.AnswerAsync(200, bomb, "Content-Encoding: gzip"));
        await using UrlStore plain = UrlStore.Start(exchange => exchange.AnswerAsync(200, bomb));

        await declared.RefusedAsync(ErrorCodes.UnsupportedMedia);
        using SourceFile file = await plain.ResolveAsync();

        declared.Files.ShouldBeEmpty();
        file.SizeBytes.ShouldBe(bomb.Length);
    }

    [Fact]
    public async Task Resolve_OtherHash_IsChanged()
    {
        await using UrlStore store = UrlStore.Start(exchange => exchange.AnswerAsync(200, Content));
        string other = new('0', 64);

        await store.RefusedAsync(ErrorCodes.SourceChanged, sha256: other);
        ContentException command = await Should.ThrowAsync<ContentException>(
            () => store.Sources.ResolveAsync(new JobSource { Uri = UrlStore.Url(), Sha256 = other }, UrlStore.Hash(Content), default));

        command.Code.ShouldBe(ErrorCodes.SourceChanged);
    }

    [Fact]
    public async Task Resolve_KnownHash_IsFetchedOnceAndUnknownEachTime()
    {
        await using UrlStore store = UrlStore.Start(exchange => exchange.AnswerAsync(200, Content));
        using SourceFile planned = await store.ResolveAsync();

        using SourceFile first = await store.ResolveAsync(sha256: planned.Sha256);
        using SourceFile second = await store.ResolveAsync(sha256: planned.Sha256);
        store.Server.Received.Count.ShouldBe(1);
        using SourceFile again = await store.ResolveAsync();

        store.Server.Received.Count.ShouldBe(2);
        again.Path.ShouldBe(planned.Path);
        store.Files.Length.ShouldBe(1);
    }

    [Fact]
    public async Task Resolve_KnownHashAtAnotherUrl_IsFetchedFromThere()
    {
        await using UrlStore store = UrlStore.Start(exchange => exchange.Target.StartsWith("/a.pdf", StringComparison.Ordinal)
            ? exchange.AnswerAsync(200, Content)
            : exchange.AnswerAsync(403, []));
        using SourceFile file = await store.ResolveAsync();

        // Who knows only the hash of somebody's file does not get it.
        await store.RefusedAsync(ErrorCodes.SourceRefused, UrlStore.Url("/b.pdf"), file.Sha256);
    }

    private static byte[] Pack(byte[] content)
    {
        using MemoryStream packed = new();
        using (GZipStream gzip = new(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            gzip.Write(content);
        }

        return packed.ToArray();
    }
}
