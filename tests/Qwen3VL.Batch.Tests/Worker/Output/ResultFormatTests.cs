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

    [Fact]
    public void Csv_Document_HasARowForEachThingFound()
    {
        string[][] rows = [.. CsvText.Parse(new CsvResultFormat().Head + Write(new CsvResultFormat(), StoredResults.Document))];

        rows[0].ShouldBe([
            "job_id", "source", "kind", "page_no", "item_no", "task", "start_ms", "end_ms", "left", "top", "right", "bottom", "page_width", "page_height",
            "repaired", "truncated", "text"]);
        rows.Skip(1).Select(row => row[2]).ShouldBe(["page", "caption", "box", "summary", "error", "failed_chunk", "issue"]);
        rows.ShouldAllBe(row => row.Length == rows[0].Length);
        rows[3][3..16].ShouldBe(["1", "0", "grounding", "", "", "40", "20", "200", "100", "400", "200", "true", ""]);
        rows[1][16].ShouldStartWith("First line\n<script>");
        rows.ShouldAllBe(row => !row[16].Contains("raw secret answer", StringComparison.Ordinal));
    }

    [Fact]
    public void Csv_Video_HasItsSegments()
    {
        string[][] rows = [.. CsvText.Parse(Write(new CsvResultFormat(), StoredResults.Video))];

        rows.Select(row => (row[2], row[6], row[7])).ShouldBe([("window", "0", "10000"), ("event", "1500", "4000")]);
    }

    [Theory]
    [InlineData("=1+1", "'=1+1")]
    [InlineData("+1", "'+1")]
    [InlineData("-1", "'-1")]
    [InlineData("@SUM(A1)", "'@SUM(A1)")]
    [InlineData("\t=1", "'\t'=1")]
    [InlineData("\r=1", "\"'\n'=1\"")]
    [InlineData("a;=1", "a;'=1")]
    [InlineData("a\t@b", "a\t'@b")]
    [InlineData("a\n=1\n\n-2", "\"a\n'=1\n\n'-2\"")]
    [InlineData("a; \"=1\"", "\"a; \"\"'=1\"\"\"")]
    [InlineData("a;b=1; 2-1", "a;b=1; 2-1")]
    [InlineData(";", ";")]
    [InlineData("\u001b=1", "'=1")]
    [InlineData("\u202e=1", "'=1")]
    [InlineData("a,b", "\"a,b\"")]
    [InlineData("a\"b", "\"a\"\"b\"")]
    [InlineData("=cmd|' /C calc'!A0,\"", "\"'=cmd|' /C calc'!A0,\"\"\"")]
    [InlineData("plain = text", "plain = text")]
    [InlineData("", "")]
    public void CsvCell_Text_IsNoFormulaAndOneCell(string text, string cell) => CsvCell.Text(text).ShouldBe(cell);

    [Fact]
    public void Markdown_BareAddress_IsNoLink() => MarkdownResultFormat.Escape("https://evil.test a@b.test").ShouldBe("https\\://evil\\.test a\\@b\\.test");

    private static string Write(IResultFormat format, JobResults results)
    {
        StringWriter writer = new();
        format.Write(results, writer);
        return writer.ToString();
    }
}
