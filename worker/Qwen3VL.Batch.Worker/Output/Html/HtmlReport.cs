using System.Globalization;
using System.Text;
using Qwen3VL.Batch.Contracts.V1;
using Qwen3VL.Batch.Media;
using Qwen3VL.Batch.Results;
using Qwen3VL.Batch.Storage;

namespace Qwen3VL.Batch.Worker.Output.Html;

/// <summary>All results side by side with their inputs, as one page, and the pages with their boxes drawn as pictures beside it.</summary>
internal sealed class HtmlReport
{
    private readonly ReportMedia _media;
    private readonly TimeProvider _timeProvider;

    /// <summary>Creates one.</summary>
    public HtmlReport(ReportMedia media, TimeProvider timeProvider)
    {
        _media = media;
        _timeProvider = timeProvider;
    }

    /// <summary>Writes the report.</summary>
    /// <param name="jobs">Results in the order of the page.</param>
    /// <param name="folder">Where; made when it is not there. Files of an earlier report of the same jobs are replaced.</param>
    /// <param name="cancellationToken">Stops; the page is written last, so a stopped report has none.</param>
    /// <returns>Path of the page.</returns>
    public async Task<string> WriteAsync(IReadOnlyList<JobResults> jobs, string folder, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(folder);
        ReportImages images = new(folder);
        HtmlPage html = new();
        WriteHead(html, jobs);
        foreach (JobResults results in jobs)
        {
            using SourceFile? source = await _media.OpenAsync(results, cancellationToken).ConfigureAwait(false);
            WriteJobHead(html, results);
            if (results.Job.Kind == JobKind.Document)
            {
                await new DocumentSection(_media, images).WriteAsync(html, results, source, cancellationToken).ConfigureAwait(false);
            }
            else
            {
                await new VideoSection(_media, images).WriteAsync(html, results, source, cancellationToken).ConfigureAwait(false);
            }

            WriteProblems(html, results);
            WriteUsage(html, results.Usage);
            html.Constant("</section>");
        }

        html.Markup($"</main><footer>Made {_timeProvider.GetUtcNow().ToString("u", CultureInfo.InvariantCulture)} from PostgreSQL by qwen3vl-batch. Text and captions are the model's own words.</footer></body></html>\n");
        string path = Path.Combine(folder, "index.html");
        await File.WriteAllTextAsync(
            path,
            html.ToString(),
            new UTF8Encoding(encoderShouldEmitUTF8Identifier: false),
            cancellationToken).ConfigureAwait(false);
        return path;
    }

    private static void WriteHead(HtmlPage html, IReadOnlyList<JobResults> jobs)
    {
        html.Constant("<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">")
            .Markup($"<meta http-equiv=\"Content-Security-Policy\" content=\"{ReportStyle.ContentSecurityPolicy}\">")
            .Constant("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>Qwen3-VL results</title><style>")
            .Constant(ReportStyle.Css)
            .Constant("</style></head><body><header class=\"top\"><h1>What the model read</h1>");
        int pages = jobs.Sum(job => job.Pages.Count);
        int boxes = jobs.Sum(job => job.Boxes.Count);
        int events = jobs.Sum(job => job.Segments.Count(segment => segment.Kind == SegmentKind.Event));
        html.Markup($"<p class=\"soft\">{jobs.Count} jobs, {pages} pages, {boxes} boxes, {events} events</p></header><main>");
        if (jobs.Count < 2)
        {
            return;
        }

        html.Constant("<table><thead><tr><th>source</th><th>tasks</th><th>state</th><th class=\"n\">prompt</th><th class=\"n\">cached</th><th class=\"n\">image</th><th class=\"n\">output tokens</th></tr></thead><tbody>");
        foreach (JobResults job in jobs)
        {
            html.Markup($"<tr><td><a href=\"#job-{job.Job.Id}\">{SourceUrl.Display(job.Job.Source.Uri)}</a></td><td>{JobWords.Tasks(job.Job.Tasks)}</td><td>{JobWords.State(job.Job.State)}</td>")
                .Markup($"<td class=\"n\">{job.Usage.PromptTokens:N0}</td><td class=\"n\">{job.Usage.CachedTokens:N0}</td><td class=\"n\">{job.Usage.ImageTokens:N0}</td><td class=\"n\">{job.Usage.OutputTokens:N0}</td></tr>");
        }

        html.Constant("</tbody></table>");
    }

    private static void WriteJobHead(HtmlPage html, JobResults results)
    {
        string state = JobWords.State(results.Job.State);
        string look = JobWords.IsFinal(results.Job.State) ? state : "open";
        html.Markup($"<section class=\"job\" id=\"job-{results.Job.Id}\"><div class=\"head\"><h2>{SourceUrl.Display(results.Job.Source.Uri)}</h2><span class=\"state {look}\">{state}</span></div>")
            .Markup($"<p class=\"soft small\">{JobWords.Tasks(results.Job.Tasks)}{Extent(results)} · job {results.Job.Id}{Replay(results)}</p>");
        if (results.Job.Error is { } error)
        {
            html.Markup($"<p class=\"problem\">{error.Code}: {error.Message}</p>");
        }

        if (results.Summary is { } summary)
        {
            html.Markup($"<h3>Summary</h3><blockquote>{summary}</blockquote>");
        }
    }

    private static string Replay(JobResults results) => results.Job.ReplayOf is { } replayed ? $", replay of {replayed}" : "";

    private static string Extent(JobResults results) => results.Job.Facts is not { } facts
        ? ""
        : facts.PageCount > 0
            ? string.Create(CultureInfo.InvariantCulture, $" · {facts.PageCount} {(facts.PageCount == 1 ? "page" : "pages")}")
            : $" · {Timecode.Seconds(facts.DurationMs)} s";

    private static void WriteProblems(HtmlPage html, JobResults results)
    {
        if (results.FailedChunks.Count == 0 && results.Issues.Count == 0)
        {
            return;
        }

        html.Constant("<h3>Problems</h3><ul class=\"problem\">");
        foreach (FailedChunk failed in results.FailedChunks)
        {
            html.Markup($"<li>{ResultWords.Chunk(failed.Chunk)} given up: {failed.Error.Code}: {failed.Error.Message}</li>");
        }

        foreach (ParseIssue issue in results.Issues)
        {
            html.Markup($"<li>{ResultWords.Issue(results.Job.Kind, issue)}</li>");
        }

        html.Constant("</ul>");
    }

    private static void WriteUsage(HtmlPage html, ChunkUsage usage) => html.Markup(
        $"<p class=\"usage\">{usage.PromptTokens:N0} prompt tokens ({usage.CachedTokens:N0} cached, {usage.ImageTokens:N0} image) · {usage.OutputTokens:N0} output tokens · {ResultWords.Requests(usage)} · {Timecode.Duration(TimeSpan.FromMicroseconds(usage.EngineMicroseconds))} engine time</p>");
}
