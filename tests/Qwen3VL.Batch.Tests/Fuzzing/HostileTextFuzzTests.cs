using System.Text;
using System.Text.Json;
using Qwen3VL.Batch.Contracts.V1;
using Qwen3VL.Batch.Results;
using Qwen3VL.Batch.Storage;
using Qwen3VL.Batch.Tests.Worker.Output;
using Qwen3VL.Batch.Worker.Output;
using Qwen3VL.Batch.Worker.Output.Formats;
using Qwen3VL.Batch.Worker.Output.Html;
using Qwen3VL.TestKit.Fuzzing;
using Shouldly;
using Xunit;

namespace Qwen3VL.Batch.Tests.Fuzzing;

/// <summary>Whatever a model says or a file is called: on the terminal, in reports, tables and rows it stays text.</summary>
[Trait(FuzzRun.Category, FuzzRun.Fuzz)]
public sealed class HostileTextFuzzTests
{
    private const string Marker = "zq9secret";

    private static readonly string[] Fragments =
    [
        "\u001b[2J", "\u001b]0;title\u0007", "\u009b31m", "\0", "\b", "\r", "\n", "\r\n", "\t", "\u2028", "\u2029", "\u0085", "\u202e", "\u2066", "\u200f",
        "\ud800", "\udc00", "\ud83d\ude00", "\uffff", "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "\" onmouseover=\"x", "' x='", "</style>",
        "<!--", "-->", "]]>", "&lt;", "javascript:alert(1)", "data:text/html,x", "`", "```", "````", "~~~", "# ", "| ", "[a](http://evil.test)", "![a](x)", "*", "_", "> ", ";=1+1", "\t@SUM(A1)", "\n-1", "; \"=1\"",
        "=1+1", "+1", "-1", "@SUM(A1)", "=cmd|' /C calc'!A0", ",", ";", "\"", "\"\"", "'", "'; DROP TABLE vq.jobs; --", "$1", "@JobId", "%s", "{0}", "{Reason}", "\\",
        "\\u0000", "[red]", "[/]", "a", "grüße", "漢字", " ", Marker,
    ];

    [Fact]
    public void Text_HostileResults_HasNoControlCharacters() => FuzzRun.Repeat(random =>
    {
        string text = Write(new TextResultFormat(), Results(random));

        text.Where(unit => IsUnsafe(unit) && unit is not ('\n' or '\t')).ShouldBeEmpty();
    });

    [Fact]
    public void Line_HostileText_IsOneLine() => FuzzRun.Repeat(random =>
    {
        StringWriter output = new();
        new Terminal(output, output, outIsTerminal: false, errorIsTerminal: false).Line(Text(random));

        output.ToString().TrimEnd('\r', '\n').Where(IsUnsafe).ShouldBeEmpty();
    });

    [Fact]
    public void Json_HostileResults_IsOneLineOfAscii() => FuzzRun.Repeat(random =>
    {
        string json = Write(new JsonResultFormat(), Results(random));

        json[..^1].Where(unit => unit is < ' ' or > '~').ShouldBeEmpty();
        JsonDocument.Parse(json).Dispose();
    });

    [Fact]
    public void Markdown_HostileResults_HasNoMarkupOutsideItsFences() => FuzzRun.Repeat(random =>
    {
        JobResults results = Results(random);
        string? fence = null;
        int fences = 0;
        foreach (string line in Write(new MarkdownResultFormat(), results).Split('\n'))
        {
            if (fence is not null)
            {
                fence = line == fence ? null : fence;
            }
            else if (line.StartsWith("```", StringComparison.Ordinal))
            {
                fence = line[..^"text".Length];
                fences++;
            }
            else
            {
                // Every mark that could begin markup of its own stands behind a backslash.
                for (int i = 0; i < line.Length; i++)
                {
                    line[i].ShouldNotBeOneOf('<', '&', '~');
                    i += line[i] == '\\' ? 1 : 0;
                }
            }
        }

        fence.ShouldBeNull();
        fences.ShouldBe(results.Pages.Count(page => page.Text is not null));
    });

    [Fact]
    public void Csv_HostileResults_KeepsItsShapeAndHoldsNoFormula() => FuzzRun.Repeat(random =>
    {
        JobResults results = Results(random);
        CsvResultFormat format = new();
        string csv = format.Head + Write(format, results);
        string[][] rows = [.. CsvText.Parse(csv)];

        rows.ShouldAllBe(row => row.Length == 17);
        rows.SelectMany(row => row).Where(cell => cell.Length > 0 && "=+-@\t\r\n".Contains(cell[0], StringComparison.Ordinal)).ShouldBeEmpty();
        rows.Single(row => row[2] == "page")[16].Replace("'", "", StringComparison.Ordinal)
            .ShouldBe(SafeText.Lines(results.Pages[0].Text ?? "").Replace("'", "", StringComparison.Ordinal));

        // The same for a reader that splits at semicolons or tabs, and knows no quotes.
        csv.Split([';', '\t', '\n', '\r']).Select(piece => piece.TrimStart(' ', '"'))
            .Where(cell => cell.Length > 0 && "=+-@".Contains(cell[0], StringComparison.Ordinal)).ShouldBeEmpty();
    });

    [Fact]
    public void Html_HostileText_IsNeverMarkup() => FuzzRun.Repeat(random =>
    {
        string text = Text(random);
        string html = new HtmlPage().Text(text).Markup($"{text}{text}").ToString();

        html.Where(unit => unit is '<' or '>' or '"' or '\'' || (IsUnsafe(unit) && unit is not ('\n' or '\t'))).ShouldBeEmpty();
    });

    [Fact]
    public void Clean_HostileText_IsFitForADatabase() => FuzzRun.Repeat(random =>
    {
        int maxLength = random.Next(1, 200);
        string clean = StoredText.Clean(Text(random), maxLength);

        clean.Length.ShouldBeLessThanOrEqualTo(maxLength);
        clean.ShouldNotContain('\0');
        new UTF8Encoding(false, throwOnInvalidBytes: true).GetByteCount(clean).ShouldBeGreaterThanOrEqualTo(clean.Length);
    });

    [Fact]
    public void Parse_HostileAnswer_FailsWithoutQuotingIt() => FuzzRun.Repeat(random =>
    {
        string answer = random.Next(2) == 0 ? Text(random) : $"[{{\"bbox_2d\": [1, 2, {Text(random)}], \"{Marker}\": \"{Text(random)}\"}}]";

        (BoxParser.Parse(answer, JobTaskKind.Spotting, 1, 640, 480).Failure?.Message ?? "").ShouldNotContain(Marker);
        WindowTimeline timeline = WindowTimeline.Create(["0.2"], [0, 500], 0, 1_000);
        (EventParser.Parse(answer, timeline).Failure?.Message ?? "").ShouldNotContain(Marker);
    });

    private static string Write(IResultFormat format, JobResults results)
    {
        StringWriter writer = new();
        format.Write(results, writer);
        return writer.ToString();
    }

    private static JobResults Results(Random random) => StoredResults.Document with
    {
        Job = StoredResults.Document.Job with
        {
            Source = new JobSource { Uri = Text(random) },
            IdempotencyKey = Text(random),
            Tasks = [new JobTask { Kind = JobTaskKind.Grounding, Labels = [Text(random)] }],
            Error = new JobError("chunks_failed", Text(random)),
        },
        Pages = [StoredResults.Document.Pages[0] with { Text = Text(random) }],
        Captions = [new CaptionResult(1, Text(random))],
        Boxes = [StoredResults.Document.Boxes[0] with { Label = Text(random) }],
        Segments = [new SegmentResult(SegmentKind.Event, 0, 0, 10, Text(random), false), new SegmentResult(SegmentKind.Window, 0, 0, 10, Text(random), false)],
        Summary = Text(random),
        Issues = [new ParseIssue(1, JobTaskKind.Grounding, "output_unreadable", Text(random), "raw")],
        FailedChunks = [StoredResults.Document.FailedChunks[0] with { Error = new JobError("decode_failed", Text(random)) }],
    };

    private static string Text(Random random)
    {
        StringBuilder text = new();
        for (int count = random.Next(12); count > 0; count--)
        {
            text.Append(Fragments[random.Next(Fragments.Length)]);
        }

        return text.ToString();
    }

    private static bool IsUnsafe(char unit) => char.IsControl(unit) || unit is '\u2028' or '\u2029' or (>= '\u202a' and <= '\u202e') or (>= '\u2066' and <= '\u2069') or '\u200e' or '\u200f' or '\u061c';
}
