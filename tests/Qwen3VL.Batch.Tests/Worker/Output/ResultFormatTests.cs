using System.Text.Json;
using Qwen3VL.Batch.Storage;
using Qwen3VL.Batch.Worker.Output.Formats;
using Shouldly;
using Xunit;

namespace Qwen3VL.Batch.Tests.Worker.Output;

public sealed class ResultFormatTests
{
    [Fact]
    public void Text_Document_ShowsTextCaptionBoxInPixelsAndProblems()
    {
        string text = Write(new TextResultFormat(), StoredResults.Document);

        text.ShouldContain("Page 1 (400 x 200 px)\n  First line\n");
        text.ShouldContain("Caption: A caption.");
        text.ShouldContain("[  40   20  200  100]");
        text.ShouldContain("chunks_failed: 1 of 2 chunks was given up");
        text.ShouldContain("Given up: page 2: decode_failed");
        text.ShouldContain("1234 prompt (500 cached, 700 image), 56 output");
    }

    [Fact]
    public void Text_Video_ShowsEventsInSeconds() =>
        Write(new TextResultFormat(), StoredResults.Video).ShouldContain("   1.5 s ..    4.0 s  An event.");

    [Fact]
    public void Text_HostileText_HasNoControlCharacters() =>
        Write(new TextResultFormat(), StoredResults.Document).Where(c => char.IsControl(c) && c != '\n').ShouldBeEmpty();

    [Fact]
    public void Text_UnreadableAnswer_IsNotShown() => Write(new TextResultFormat(), StoredResults.Document).ShouldNotContain("raw secret answer");

    [Fact]
    public void Markdown_HostileText_IsEscapedOutsideFences()
    {
        string markdown = Write(new MarkdownResultFormat(), StoredResults.Document);

        markdown.ShouldContain("A caption\\. \\<script\\>alert\\(1\\)\\</script\\> \\| \\*x\\* \\`y\\`");
        markdown.ShouldContain("| 1 | grounding |");
    }

    [Fact]
    public void Markdown_TextWithFence_GetsALongerFence()
    {
        JobResults fenced = StoredResults.Document with { Pages = [StoredResults.Document.Pages[0] with { Text = "````\nx\n````" }] };

        Write(new MarkdownResultFormat(), fenced).ShouldContain("`````text\n````\nx\n````\n`````\n");
    }

    [Fact]
    public void Json_TwoJobs_AreTwoLinesOfObjects()
    {
        StringWriter writer = new();
        JsonResultFormat format = new();
        format.Write(StoredResults.Document, writer);
        format.Write(StoredResults.Video, writer);

        string[] lines = writer.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);

        lines.Length.ShouldBe(2);
        using JsonDocument document = JsonDocument.Parse(lines[0]);
        document.RootElement.GetProperty("pages")[0].GetProperty("widthPx").GetInt32().ShouldBe(400);
        document.RootElement.GetProperty("job").GetProperty("state").GetString().ShouldBe("partial");
        document.RootElement.GetProperty("boxes")[0].GetProperty("pixels").GetProperty("x1").GetDouble().ShouldBe(200);
        using JsonDocument video = JsonDocument.Parse(lines[1]);
        video.RootElement.GetProperty("segments")[1].GetProperty("startMs").GetInt32().ShouldBe(1_500);
    }

    private static string Write(IResultFormat format, JobResults results)
    {
        StringWriter writer = new();
        format.Write(results, writer);
        return writer.ToString();
    }
}
