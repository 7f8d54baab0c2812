using System.CommandLine;
using System.Globalization;
using Npgsql;
using Qwen3VL.Batch.Storage;
using Qwen3VL.Batch.Worker.Composition;
using Qwen3VL.Batch.Worker.Output;

namespace Qwen3VL.Batch.Worker.Commands;

/// <summary><c>workers</c>: who works.</summary>
internal sealed class WorkersCommand : IBatchCommand
{
    private readonly Connections _connections;
    private readonly GlobalOptions _globals;
    private readonly ListOptions _list = new();
    private readonly Terminal _terminal;
    private readonly TimeProvider _timeProvider;
    private readonly Option<bool> _all = new("--all") { Description = "With workers that stopped more than a day ago" };

    /// <summary>Creates it.</summary>
    public WorkersCommand(GlobalOptions globals, Connections connections, Terminal terminal, TimeProvider timeProvider)
    {
        _globals = globals;
        _connections = connections;
        _terminal = terminal;
        _timeProvider = timeProvider;
        Command = new Command("workers", "Lists workers: where they run, what they take, what they hold, whether they live.");
        Command.Options.Add(_all);
        Command.Options.Add(_list.Format);
        Command.Options.Add(_list.Watching);
    }

    /// <inheritdoc/>
    public Command Command { get; }

    /// <inheritdoc/>
    public string Examples => """
        qwen3vl-batch workers
        qwen3vl-batch workers --format json | jq 'select(.state == "lost")'
        """;

    /// <inheritdoc/>
    public async Task<int> RunAsync(ParseResult call, CancellationToken cancellationToken)
    {
        Settings settings = _globals.Load(call, SettingsSections.Database);
        await using NpgsqlDataSource database = _connections.OpenDatabase(settings);
        PostgresFleet fleet = new(database);
        if (call.GetValue(_list.Watching))
        {
            await Watch.RunAsync(_terminal, _timeProvider, terminal => ShowAsync(terminal, goOn: true), cancellationToken).ConfigureAwait(false);
        }
        else
        {
            _ = await ShowAsync(_terminal, goOn: false).ConfigureAwait(false);
        }

        return ExitCodes.Done;

        async Task<bool> ShowAsync(Terminal terminal, bool goOn)
        {
            IReadOnlyList<WorkerRow> workers = await fleet.ListAsync(call.GetValue(_all), cancellationToken).ConfigureAwait(false);
            ListOutput.Write(terminal, call.GetValue(_list.Format), workers, Columns(settings.Worker.LeaseSeconds), row => Json(row, settings.Worker.LeaseSeconds));
            return goOn;
        }
    }

    private static ListColumn<WorkerRow>[] Columns(double leaseSeconds) =>
    [
        new("worker", row => Text(row.Id)),
        new("host", row => row.Host),
        new("pid", row => Text(row.ProcessId)),
        new("version", row => row.Version),
        new("lanes", LaneNames),
        new("slots", row => Text(row.Slots)),
        new("held", row => Text(row.Held)),
        new("last beat", row => Timecode.Duration(TimeSpan.FromSeconds(Math.Max(0, row.SilentSeconds)))),
        new("state", row => row.State(leaseSeconds)),
    ];

    private static object Json(WorkerRow row, double leaseSeconds) => new
    {
        row.Id,
        row.Host,
        row.ProcessId,
        row.Version,
        Lanes = row.Lanes.Select(Lanes.Name),
        row.Slots,
        row.Held,
        StartedAt = new DateTimeOffset(row.StartedAt),
        row.SilentSeconds,
        State = row.State(leaseSeconds),
    };

    private static string LaneNames(WorkerRow row) => string.Join('+', row.Lanes.Select(Lanes.Name));

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
