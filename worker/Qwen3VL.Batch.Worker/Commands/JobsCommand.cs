using System.CommandLine;
using System.Globalization;
using Npgsql;
using Qwen3VL.Batch.Contracts.V1;
using Qwen3VL.Batch.Jobs;
using Qwen3VL.Batch.Storage;
using Qwen3VL.Batch.Worker.Composition;
using Qwen3VL.Batch.Worker.Output;

namespace Qwen3VL.Batch.Worker.Commands;

/// <summary><c>jobs</c>: lists a tenant's jobs.</summary>
internal sealed class JobsCommand : IBatchCommand
{
    private readonly Connections _connections;
    private readonly GlobalOptions _globals;
    private readonly ListOptions _list = new();
    private readonly Terminal _terminal;
    private readonly TimeProvider _timeProvider;
    private readonly Option<JobState[]> _states = new("--state") { Description = "In this state; may be said again", AllowMultipleArgumentsPerToken = true };
    private readonly Option<JobKind?> _kind = new("--kind") { Description = "Of documents or of videos" };
    private readonly TimeOption _since = new("--since", "Accepted at this time or later");
    private readonly TimeOption _until = new("--until", "Accepted before this time");
    private readonly Option<string?> _source = new("--source") { Description = "With this in the address of the source", HelpName = "TEXT" };
    private readonly Option<string?> _errorCode = new("--error-code") { Description = "With this error", HelpName = "CODE" };
    private readonly Option<int> _limit = new("--limit") { Description = "Most jobs", DefaultValueFactory = _ => 20, HelpName = "NUMBER" };
    private readonly Option<JobOrder> _order = new("--order") { Description = "Which come first", DefaultValueFactory = _ => JobOrder.Newest };

    /// <summary>Creates it.</summary>
    public JobsCommand(GlobalOptions globals, Connections connections, Terminal terminal, TimeProvider timeProvider)
    {
        _globals = globals;
        _connections = connections;
        _terminal = terminal;
        _timeProvider = timeProvider;
        Command = new Command("jobs", "Lists jobs, filtered; jobs show JOB looks into one.");
        _limit.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is < 1 or > 10_000)
            {
                result.AddError(FormattableString.Invariant($"--limit must be 1..10000; got {result.GetValueOrDefault<int>()}"));
            }
        });
        foreach (Option option in (Option[])[_states, _kind, _since.Option, _until.Option, _source, _errorCode, _limit, _order, _list.Format, _list.Watching])
        {
            Command.Options.Add(option);
        }

        Subcommands = [new JobsShowCommand(globals, connections, terminal)];
    }

    /// <inheritdoc/>
    public Command Command { get; }

    /// <inheritdoc/>
    public IReadOnlyList<IBatchCommand> Subcommands { get; }

    /// <inheritdoc/>
    public string Examples => """
        qwen3vl-batch jobs --state running --watch
        qwen3vl-batch jobs --state failed --since 7d --format csv > failed.csv
        qwen3vl-batch jobs show JOB
        """;

    /// <inheritdoc/>
    public async Task<int> RunAsync(ParseResult call, CancellationToken cancellationToken)
    {
        Settings settings = _globals.Load(call, SettingsSections.Database);
        long tenant = call.GetValue(_globals.Tenant);
        await using NpgsqlDataSource database = _connections.OpenDatabase(settings);
        PostgresJobInspector inspector = new(database);
        JobFilter filter = Filter(call, _timeProvider.GetUtcNow());
        if (call.GetValue(_list.Watching))
        {
            await Watch.RunAsync(_terminal, _timeProvider, ShowAsync, cancellationToken).ConfigureAwait(false);
        }
        else
        {
            _ = await ShowAsync(_terminal).ConfigureAwait(false);
        }

        return ExitCodes.Done;

        async Task<bool> ShowAsync(Terminal terminal)
        {
            IReadOnlyList<JobRecord> jobs = await inspector.ListAsync(tenant, filter, cancellationToken).ConfigureAwait(false);
            JobList.Write(terminal, call.GetValue(_list.Format), jobs, _timeProvider.GetUtcNow());
            return jobs.Any(job => !JobWords.IsFinal(job.State));
        }
    }

    private JobFilter Filter(ParseResult call, DateTimeOffset now)
    {
        JobFilter all = new();
        return all with
        {
            States = call.GetValue(_states) ?? [],
            Kind = call.GetValue(_kind)?.ToString().ToLower(CultureInfo.InvariantCulture),
            Since = _since.Value(call, now) ?? all.Since,
            Until = _until.Value(call, now) ?? all.Until,
            Source = call.GetValue(_source),
            ErrorCode = call.GetValue(_errorCode),
            Limit = call.GetValue(_limit),
            Order = call.GetValue(_order),
        };
    }
}
