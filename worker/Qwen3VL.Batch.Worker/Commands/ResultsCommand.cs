using System.CommandLine;
using System.Text;
using Qwen3VL.Batch.Jobs;
using Qwen3VL.Batch.Media;
using Qwen3VL.Batch.Storage;
using Qwen3VL.Batch.Worker.Composition;
using Qwen3VL.Batch.Worker.Output;
using Qwen3VL.Batch.Worker.Output.Formats;
using Qwen3VL.Batch.Worker.Output.Html;

namespace Qwen3VL.Batch.Worker.Commands;

/// <summary><c>results</c>: what jobs found, read from the database.</summary>
internal sealed class ResultsCommand : IBatchCommand
{
    private readonly Connections _connections;
    private readonly GlobalOptions _globals;
    private readonly Terminal _terminal;
    private readonly TimeProvider _timeProvider;
    private readonly Argument<string[]> _jobs = new("JOB") { Description = "Ids or keys of jobs", Arity = ArgumentArity.OneOrMore };

    private readonly Option<ResultFormatName> _format = new("--format", "-f")
    {
        Description = "Form of the results",
        DefaultValueFactory = _ => ResultFormatName.Text,
        HelpName = "text|json|markdown|csv|html",
    };

    private readonly Option<string?> _output = new("--output", "-o")
    {
        Description = "Writes files into this folder instead of to stdout; html needs it",
        HelpName = "DIR",
    };

    /// <summary>Creates it.</summary>
    public ResultsCommand(GlobalOptions globals, Connections connections, Terminal terminal, TimeProvider timeProvider)
    {
        _globals = globals;
        _connections = connections;
        _terminal = terminal;
        _timeProvider = timeProvider;
        Command = new Command(
            "results",
            "Prints what jobs found: text of pages, boxes in pixels, captions, events in seconds, summary, usage.");
        Command.Arguments.Add(_jobs);
        Command.Options.Add(_format);
        Command.Options.Add(_output);
        Command.Validators.Add(result =>
        {
            if (result.GetValue(_format) == ResultFormatName.Html && result.GetValue(_output) is null)
            {
                result.AddError("--format html must come with --output DIR; got none");
            }
        });
    }

    /// <inheritdoc/>
    public Command Command { get; }

    /// <inheritdoc/>
    public string Examples => """
        qwen3vl-batch results 0198c7a2-5e1b-7c3d-9f00-3b1d7a5c2e10
        qwen3vl-batch results KEY --format json | jq -r '.pages[].text'
        qwen3vl-batch results JOB1 JOB2 --format csv > results.csv
        qwen3vl-batch results JOB1 JOB2 --format html --output report     (then open report/index.html)
        """;

    /// <inheritdoc/>
    public async Task<int> RunAsync(ParseResult call, CancellationToken cancellationToken)
    {
        bool html = call.GetValue(_format) == ResultFormatName.Html;
        Settings settings = _globals.Load(call, html ? SettingsSections.Database | SettingsSections.Media : SettingsSections.Database);
        IReadOnlyList<JobResults> jobs = await ReadAsync(call, settings, cancellationToken).ConfigureAwait(false);
        if (html)
        {
            ISourceResolver sources = _connections.OpenSources(settings);
            using var folder = sources as IDisposable;
            HtmlReport report = new(new ReportMedia(_connections.OpenDecoder(settings), sources), _timeProvider);
            _terminal.Line(await report.WriteAsync(
                jobs,
                Path.GetFullPath(call.GetRequiredValue(_output) ?? "."),
                cancellationToken).ConfigureAwait(false));
        }
        else
        {
            Write(call, jobs);
        }

        return ExitCode(jobs);
    }

    private async Task<IReadOnlyList<JobResults>> ReadAsync(ParseResult call, Settings settings, CancellationToken cancellationToken)
    {
        long tenant = call.GetValue(_globals.Tenant);
        await using ReaderConnection connection = _connections.OpenReader(settings);
        List<JobResults> jobs = [];
        foreach (string reference in call.GetValue(_jobs) ?? [])
        {
            Guid id = await JobReference.ResolveAsync(connection.Reader, tenant, reference, cancellationToken).ConfigureAwait(false);
            jobs.Add(await connection.Reader.ReadResultsAsync(tenant, id, cancellationToken).ConfigureAwait(false) ?? throw JobReference.NotFound(tenant, reference));
        }

        return jobs;
    }

    private void Write(ParseResult call, IReadOnlyList<JobResults> jobs)
    {
        IResultFormat format = call.GetValue(_format) switch
        {
            ResultFormatName.Json => new JsonResultFormat(),
            ResultFormatName.Markdown => new MarkdownResultFormat(),
            ResultFormatName.Csv => new CsvResultFormat(),
            _ => new TextResultFormat(),
        };
        if (call.GetValue(_output) is not { } folder)
        {
            _terminal.Out.Write(format.Head);
            for (int i = 0; i < jobs.Count; i++)
            {
                if (i > 0)
                {
                    _terminal.Out.Write(format.Separator);
                }

                format.Write(jobs[i], _terminal.Out);
            }

            return;
        }

        Directory.CreateDirectory(folder);
        foreach (JobResults job in jobs)
        {
            string path = Path.Combine(folder, job.Job.Id + format.Extension);
            using StreamWriter writer = new(path, append: false, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
            writer.Write(format.Head);
            format.Write(job, writer);
            _terminal.Line(path);
        }
    }

    private int ExitCode(IReadOnlyList<JobResults> jobs)
    {
        foreach (JobRecord open in jobs.Select(job => job.Job).Where(job => !JobWords.IsFinal(job.State)))
        {
            _terminal.Note($"{open.Id} is {JobWords.State(open.State)} ({JobWords.Progress(open)} chunks): these are its results so far");
        }

        JobState[] states = [.. jobs.Select(job => job.Job.State)];
        return states.All(state => state == JobState.Succeeded)
            ? ExitCodes.Done
            : states.All(state => state is JobState.Succeeded or JobState.Partial) ? ExitCodes.Partial : ExitCodes.Failed;
    }
}
