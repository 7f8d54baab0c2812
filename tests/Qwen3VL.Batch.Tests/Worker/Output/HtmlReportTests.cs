using Qwen3VL.Batch.Contracts.V1;
using Qwen3VL.Batch.Jobs;
using Qwen3VL.Batch.Media;
using Qwen3VL.Batch.Storage;
using Qwen3VL.Batch.Tests.Fakes;
using Qwen3VL.Batch.Worker.Output.Html;
using Qwen3VL.Engine;
using Qwen3VL.TestKit;
using Shouldly;
using Xunit;

namespace Qwen3VL.Batch.Tests.Worker.Output;

public sealed class HtmlReportTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("qwen3vl-report-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Write_HostileText_IsNeverMarkup()
    {
        string html = await WriteAsync(new FakeMediaDecoder());

        html.ShouldNotContain("<script", Case.Insensitive);
        html.ShouldContain("&lt;script&gt;alert(1)&lt;/script&gt;");
        html.Where(c => char.IsControl(c) && c != '\n').ShouldBeEmpty();
    }

    [Fact]
    public async Task Write_Page_ForbidsScriptsAndForeignContent()
    {
        string html = await WriteAsync(new FakeMediaDecoder());

        html.ShouldContain("http-equiv=\"Content-Security-Policy\" content=\"default-src &#39;none&#39;;");
        html.ShouldNotContain("http://");
        html.ShouldNotContain("https://");
    }

    [Fact]
    public async Task Write_Document_ShowsBoxesOnThePageAndAsPicture()
    {
        string html = await WriteAsync(new FakeMediaDecoder());

        html.ShouldContain("viewBox=\"0 0 400 200\"");
        html.ShouldContain("<rect class=\"box\" x=\"40\" y=\"20\" width=\"160\" height=\"80\"");
        string drawn = Directory.EnumerateFiles(Path.Combine(_folder, "pages")).ShouldHaveSingleItem();
        RgbImage picture = PngFile.ReadRgb(drawn);
        (picture.Width, picture.Height).ShouldBe((400, 200));
        picture.Pixels.ToArray().ShouldContain(value => value != 0);
    }

    [Fact]
    public async Task Write_Video_PlacesEventsOnTheTimeLineWithFrames()
    {
        string html = await WriteAsync(new FakeMediaDecoder());

        html.ShouldContain("left:7.5%;width:12.5%");
        html.ShouldContain("alt=\"Frame at 1.5 s\"");
    }

    [Fact]
    public async Task Write_SourceGone_SaysSoAndKeepsTheText()
    {
        string html = await WriteAsync(new GoneSource());

        html.ShouldContain("The source is not there any more");
        html.ShouldContain("First line");
        html.ShouldNotContain("<img");
    }

    [Fact]
    public async Task Write_FollowUpOfAReplay_NamesTheJobThatItReplays()
    {
        var replayed = new Guid("01890000-0000-7000-8000-0000000000aa");
        JobResults followUp = StoredResults.Document with { Job = StoredResults.Document.Job with { ReplayOf = replayed } };

        (await WriteAsync(new FakeMediaDecoder(), followUp)).ShouldContain($", replay of {replayed}");
        (await WriteAsync(new FakeMediaDecoder())).ShouldNotContain("replay of");
    }

    private async Task<string> WriteAsync(ISourceResolver sources, params JobResults[] jobs)
    {
        HtmlReport report = new(new ReportMedia(new FakeMediaDecoder(), sources), new ManualTime());
        string path = await report.WriteAsync(jobs.Length > 0 ? jobs : [StoredResults.Document, StoredResults.Video], _folder, CancellationToken.None);
        return await File.ReadAllTextAsync(path);
    }

    private sealed class GoneSource : ISourceResolver
    {
        public Task<SourceFile> ResolveAsync(JobSource source, string? expectedSha256, CancellationToken cancellationToken) =>
            throw new ContentException(ErrorCodes.SourceNotFound, "source must be there");
    }
}
