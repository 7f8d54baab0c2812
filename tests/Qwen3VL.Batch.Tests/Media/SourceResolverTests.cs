using System.Security.Cryptography;
using System.Text;
using Qwen3VL.Batch.Contracts.V1;
using Qwen3VL.Batch.Jobs;
using Qwen3VL.Batch.Media;
using Shouldly;
using Xunit;

namespace Qwen3VL.Batch.Tests.Media;

public sealed class SourceResolverTests : IDisposable
{
    private static readonly byte[] Content = "content"u8.ToArray();
    private static readonly string ContentSha256 = Convert.ToHexStringLower(SHA256.HashData(Content));

    private readonly MediaFolder _outside = new();
    private readonly MediaFolder _folder = new();

    public SourceResolverTests()
    {
        Directory.CreateDirectory(_folder.PathOf("in/2026"));
        _folder.Write("in/2026/a b.pdf", Content);
        _outside.Write("secret.pdf", Content);
    }

    public void Dispose()
    {
        _folder.Dispose();
        _outside.Dispose();
    }

    [Fact]
    public async Task Resolve_PathBelowRoot_GivesPathHashAndSize()
    {
        SourceFile file = await ResolveAsync("in/2026/a b.pdf");

        file.ShouldBe(new SourceFile(_folder.PathOf("in/2026/a b.pdf"), "in/2026/a b.pdf", ContentSha256, Content.Length));
    }

    [Fact]
    public async Task Resolve_FileUrlBelowRoot_IsUnescaped() =>
        (await ResolveAsync($"file://{_folder.Root}/in/2026/a%20b.pdf")).Path.ShouldBe(_folder.PathOf("in/2026/a b.pdf"));

    [Fact]
    public async Task Resolve_AbsolutePathBelowRoot_IsServed() =>
        (await ResolveAsync(_folder.PathOf("in/2026/a b.pdf"))).SizeBytes.ShouldBe(Content.Length);

    [Theory]
    [InlineData("../secret.pdf")]
    [InlineData("in/../../secret.pdf")]
    [InlineData("in/./2026/a b.pdf")]
    [InlineData("/etc/passwd")]
    [InlineData("file:///etc/passwd")]
    [InlineData("file://host/share/a.pdf")]
    [InlineData("file:a.pdf")]
    [InlineData("")]
    [InlineData("/")]
    [InlineData("in")]
    [InlineData("in/a\0.pdf")]
    [InlineData("in/a\n.pdf")]
    [InlineData("http://example.org/a.pdf")]
    [InlineData("https://example.org/a.pdf")]
    [InlineData("s3://bucket/a.pdf")]
    [InlineData("concat://a|b")]
    public async Task Resolve_AnythingElse_IsRefused(string uri) => await ShouldFailAsync(ErrorCodes.SourceRefused, uri);

    [Fact]
    public async Task Resolve_EscapedDotsInUrl_IsRefused() =>
        await ShouldFailAsync(ErrorCodes.SourceRefused, $"file://{_folder.Root}/in/%2e%2e/%2e%2e/{Path.GetFileName(_outside.Root)}/secret.pdf");

    [Fact]
    public async Task Resolve_RootPrefixOfAnotherFolder_IsRefused()
    {
        string sibling = _folder.Root + "-other";
        Directory.CreateDirectory(sibling);
        await File.WriteAllBytesAsync(Path.Combine(sibling, "a.pdf"), Content);

        try
        {
            await ShouldFailAsync(ErrorCodes.SourceRefused, Path.Combine(sibling, "a.pdf"));
        }
        finally
        {
            Directory.Delete(sibling, recursive: true);
        }
    }

    [Fact]
    public async Task Resolve_LinksThatLeadOut_AreRefusedWithoutTheirTarget()
    {
        File.CreateSymbolicLink(_folder.PathOf("out.pdf"), _outside.PathOf("secret.pdf"));
        Directory.CreateSymbolicLink(_folder.PathOf("dir"), _outside.Root);
        Directory.CreateSymbolicLink(_folder.PathOf("in/up"), "../..");
        File.CreateSymbolicLink(_folder.PathOf("twice.pdf"), "out.pdf");

        foreach (string uri in (string[])["out.pdf", "dir/secret.pdf", $"in/up/{Path.GetFileName(_outside.Root)}/secret.pdf", "twice.pdf"])
        {
            ContentException exception = await ShouldFailAsync(ErrorCodes.SourceRefused, uri);
            exception.Message.ShouldNotContain(_outside.Root);
            exception.Message.ShouldContain(uri);
        }
    }

    [Fact]
    public async Task Resolve_LinkInsideRoot_IsFollowed()
    {
        File.CreateSymbolicLink(_folder.PathOf("in/link.pdf"), "../in/2026/a b.pdf");

        (await ResolveAsync("in/link.pdf")).Path.ShouldBe(_folder.PathOf("in/2026/a b.pdf"));
    }

    [Fact]
    public async Task Resolve_RootThatIsALink_ServesItsFiles()
    {
        Directory.CreateSymbolicLink(_outside.PathOf("root"), _folder.Root);
        SourceResolver resolver = new(_folder.Options with { SourceRoot = _outside.PathOf("root") });

        (await resolver.ResolveAsync(new JobSource { Uri = "in/2026/a b.pdf" }, null, default)).Sha256.ShouldBe(ContentSha256);
    }

    [Fact]
    public async Task Resolve_CircleOfLinks_IsRefused()
    {
        File.CreateSymbolicLink(_folder.PathOf("a.pdf"), "b.pdf");
        File.CreateSymbolicLink(_folder.PathOf("b.pdf"), "a.pdf");

        await ShouldFailAsync(ErrorCodes.SourceRefused, "a.pdf");
    }

    [Fact]
    public async Task Resolve_Pipe_IsRefusedWithoutOpeningIt()
    {
        _folder.Run("mkfifo", "pipe.pdf");

        await ShouldFailAsync(ErrorCodes.SourceRefused, "pipe.pdf");
    }

    [Fact]
    public async Task Resolve_Device_IsRefused()
    {
        SourceResolver resolver = new(_folder.Options with { SourceRoot = "/dev" });

        ContentException exception = await Should.ThrowAsync<ContentException>(() => resolver.ResolveAsync(new JobSource { Uri = "zero" }, null, default));

        exception.Code.ShouldBe(ErrorCodes.SourceRefused);
    }

    [Theory]
    [InlineData("in/none.pdf")]
    [InlineData("none/none.pdf")]
    [InlineData("in/2026/a b.pdf/none.pdf")]
    public async Task Resolve_MissingFile_IsNotFound(string uri) => await ShouldFailAsync(ErrorCodes.SourceNotFound, uri);

    [Fact]
    public async Task Resolve_LargeFile_ExceedsTheLimit()
    {
        SourceResolver resolver = new(_folder.Options with { MaxFileBytes = Content.Length - 1 });

        ContentException exception =
            await Should.ThrowAsync<ContentException>(() => resolver.ResolveAsync(new JobSource { Uri = "in/2026/a b.pdf" }, null, default));

        exception.Code.ShouldBe(ErrorCodes.LimitExceeded);
    }

    [Fact]
    public async Task Resolve_OtherHash_IsChanged()
    {
        SourceResolver resolver = new(_folder.Options);
        string other = new('0', 64);

        ContentException given = await Should.ThrowAsync<ContentException>(
            () => resolver.ResolveAsync(new JobSource { Uri = "in/2026/a b.pdf", Sha256 = other }, null, default));
        ContentException stored = await Should.ThrowAsync<ContentException>(
            () => resolver.ResolveAsync(new JobSource { Uri = "in/2026/a b.pdf" }, other, default));

        given.Code.ShouldBe(ErrorCodes.SourceChanged);
        stored.Code.ShouldBe(ErrorCodes.SourceChanged);
    }

    [Fact]
    public async Task Resolve_FileThatChanges_IsHashedAgain()
    {
        SourceResolver resolver = new(_folder.Options);
        string first = (await resolver.ResolveAsync(new JobSource { Uri = "in/2026/a b.pdf" }, null, default)).Sha256;
        _folder.Write("in/2026/a b.pdf", Encoding.ASCII.GetBytes("longer content"));

        ContentException exception = await Should.ThrowAsync<ContentException>(
            () => resolver.ResolveAsync(new JobSource { Uri = "in/2026/a b.pdf" }, first, default));

        exception.Code.ShouldBe(ErrorCodes.SourceChanged);
    }

    [Fact]
    public async Task Resolve_NoRoot_IsRefused()
    {
        ContentException exception = await Should.ThrowAsync<ContentException>(
            () => new SourceResolver(new MediaOptions()).ResolveAsync(new JobSource { Uri = "a.pdf" }, null, default));

        exception.Code.ShouldBe(ErrorCodes.SourceRefused);
    }

    private Task<SourceFile> ResolveAsync(string uri) => new SourceResolver(_folder.Options).ResolveAsync(new JobSource { Uri = uri }, null, default);

    private async Task<ContentException> ShouldFailAsync(string code, string uri)
    {
        ContentException exception = await Should.ThrowAsync<ContentException>(() => ResolveAsync(uri), uri);
        exception.Code.ShouldBe(code, uri);
        return exception;
    }
}
