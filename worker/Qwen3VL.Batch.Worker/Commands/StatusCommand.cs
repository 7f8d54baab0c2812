using System.CommandLine;
using System.Globalization;
using Qwen3VL.Batch.Jobs;
using Qwen3VL.Batch.Media;
using Qwen3VL.Batch.Worker.Composition;
using Qwen3VL.Batch.Worker.Output;
using Spectre.Console;

namespace Qwen3VL.Batch.Worker.Commands;

/// <summary><c>status</c>: where jobs stand.</summary>
internal sealed class StatusCommand : IBatchCommand
{
    private readonly Connections _connections;
    private readonly GlobalOptions _globals;
    private readonly Terminal _terminal;
    private readonly TimeProvider _timeProvider;

    private readonly Argument<string[]> _jobs = new("JOB")
    {
        Description = "Ids or keys of jobs; none: the newest jobs",
        Arity = ArgumentArity.ZeroOrMore,
    };

    private readonly Option<int> _limit = new("--limit")
    {
        Description = "Most jobs listed",
        DefaultValueFactory = _ => 20,
        HelpName = "NUMBER",
    };

    private readonly Option<bool> _json = new("--json") { Description = "One JSON object a job instead of text" };

    /// <summary>Creates it.</summary>
    public StatusCommand(GlobalOptions globals, Connections connections, Terminal terminal, TimeProvider timeProvider)
    {
        _globals = globals;
        _connections = connections;
        _terminal = terminal;
        _timeProvider = timeProvider;
        Command = new Command("status", "Says where jobs stand: one or several by id or key, or the newest ones.");
        Command.Arguments.Add(_jobs);
        Command.Options.Add(_limit);
        Command.Options.Add(_json);
        _limit.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is < 1 or > 10_000)
            {
                result.AddError($"--limit must be 1..10000; got {result.GetValueOrDefault<int>()}");
            }
        });
    }

    /// <inheritdoc/>
    public Command Command { get; }

    /// <inheritdoc/>
    public string Examples => """
        qwen3vl-batch status
        qwen3vl-batch status 0198c7a2-5e1b-7c3d-9f00-3b1d7a5c2e10 --json
        """;

    /// <inheritdoc/>
    public async Task<int> RunAsync(ParseResult call, CancellationToken cancellationToken)
    {
        Settings settings = _globals.Load(call, SettingsSections.Database);
        long tenant = call.GetValue(_globals.Tenant);
        await using ReaderConnection connection = _connections.OpenReader(settings);
        string[] references = call.GetValue(_jobs) ?? [];
        if (references.Length == 0)
        {
            IReadOnlyList<JobRecord> newest = await connection.Reader.ListJobsAsync(tenant, call.GetValue(_limit), cancellationToken).ConfigureAwait(false);
            Show(call, newest);
            return ExitCodes.Done;
        }

        List<JobRecord> jobs = [];
        foreach (string reference in references)
        {
            Guid id = await JobReference.ResolveAsync(connection.Reader, tenant, reference, cancellationToken).ConfigureAwait(false);
            jobs.Add(await connection.Reader.ReadJobAsync(tenant, id, cancellationToken).ConfigureAwait(false) ?? throw JobReference.NotFound(tenant, reference));
        }

        if (jobs.Count == 1 && !call.GetValue(_json))
        {
            Describe(jobs[0]);
        }
        else
        {
            Show(call, jobs);
        }

        return ExitCodes.Done;
    }

    private void Show(ParseResult call, IReadOnlyList<JobRecord> jobs)
    {
        if (call.GetValue(_json))
        {
            foreach (JobRecord job in jobs)
            {
                _terminal.Json(job);
            }
        }
        else if (_terminal.OutIsTerminal)
        {
            Table table = new Table().Border(TableBorder.Simple).AddColumns("job", "state", "chunks", "age", "source", "error");
            foreach (JobRecord job in jobs)
            {
                table.AddRow([.. Cells(job).Select(cell => new Text(SafeText.Line(cell)))]);
            }

            _terminal.OutConsole.Write(table);
        }
        else
        {
            foreach (JobRecord job in jobs)
            {
                _terminal.Out.WriteLine(string.Join('\t', Cells(job).Select(SafeText.Line)));
            }
        }
    }

    private string[] Cells(JobRecord job) =>
    [
        job.Id.ToString(),
        JobWords.State(job.State),
        JobWords.Progress(job),
        Timecode.Duration(_timeProvider.GetUtcNow() - job.CreatedAt),
        SourceUrl.Display(job.Source.Uri),
        job.Error?.Code ?? "",
    ];

    private void Describe(JobRecord job)
    {
        Field("job", job.Id.ToString());
        Field("key", job.IdempotencyKey);
        Field("state", $"{JobWords.State(job.State)} ({JobWords.Progress(job)} chunks, {job.FailedChunks.ToString(CultureInfo.InvariantCulture)} given up)");
        if (job.ReplayOf is { } replayed)
        {
            Field("replay of", replayed.ToString());
        }

        Field("source", SourceUrl.Display(job.Source.Uri));
        Field("tasks", JobWords.Tasks(job.Tasks));
        if (job.Facts is { } facts)
        {
            string amount = facts.PageCount > 0
                ? string.Create(CultureInfo.InvariantCulture, $"{facts.PageCount} {(facts.PageCount == 1 ? "page" : "pages")}")
                : $"{Timecode.Seconds(facts.DurationMs)} s";
            Field("file", string.Create(
                CultureInfo.InvariantCulture,
                $"{facts.MediaType}, {amount}, {facts.SizeBytes} bytes, SHA-256 {facts.Sha256}"));
        }

        Field("created", job.CreatedAt.ToString("u", CultureInfo.InvariantCulture));
        if (job.FinishedAt is { } finished)
        {
            Field("finished", $"{finished.ToString("u", CultureInfo.InvariantCulture)} ({Timecode.Duration(finished - job.CreatedAt)})");
        }

        if (job.Error is { } error)
        {
            Field("error", $"{error.Code}: {error.Message}");
        }
    }

    private void Field(string name, string value) => _terminal.Line($"{name,-9} {value}");
}
