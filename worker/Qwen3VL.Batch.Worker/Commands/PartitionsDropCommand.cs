using System.CommandLine;
using System.Globalization;
using Npgsql;
using Qwen3VL.Batch.Storage;
using Qwen3VL.Batch.Worker.Composition;
using Qwen3VL.Batch.Worker.Output;

namespace Qwen3VL.Batch.Worker.Commands;

/// <summary><c>partitions drop</c>: drops months of results. Runs with the rights of the schema's owner.</summary>
internal sealed class PartitionsDropCommand : IBatchCommand
{
    private const string MonthFormat = "yyyy-MM";

    private readonly Connections _connections;
    private readonly GlobalOptions _globals;
    private readonly Terminal _terminal;
    private readonly Option<string> _before = new("--before") { Description = "First month that is kept", Required = true, HelpName = "YYYY-MM" };
    private readonly Option<bool> _dryRun = new("--dry-run") { Description = "Says what would be dropped; changes nothing" };
    private readonly Option<bool> _yes = new("--yes") { Description = "Yes, for ever: jobs, results and attempts of these months" };

    /// <summary>Creates it.</summary>
    public PartitionsDropCommand(GlobalOptions globals, Connections connections, Terminal terminal)
    {
        _globals = globals;
        _connections = connections;
        _terminal = terminal;
        Command = new Command(
            "drop",
            "Drops jobs and results of the months before one. Usage is kept as sums of days. A month with a job that has not ended stays.");
        Command.Options.Add(_before);
        Command.Options.Add(_dryRun);
        Command.Options.Add(_yes);
        Command.Validators.Add(result =>
        {
            if (!TryMonth(result.GetValue(_before), out _))
            {
                result.AddError($"--before must be a month like 2029-01; got {result.GetValue(_before)}");
            }

            if (result.GetValue(_yes) == result.GetValue(_dryRun))
            {
                result.AddError("exactly one of --dry-run and --yes must be given");
            }
        });
    }

    /// <inheritdoc/>
    public Command Command { get; }

    /// <inheritdoc/>
    public string Examples => """
        qwen3vl-batch partitions drop --before 2029-01 --dry-run
        qwen3vl-batch partitions drop --before 2029-01 --yes
        """;

    /// <inheritdoc/>
    public async Task<int> RunAsync(ParseResult call, CancellationToken cancellationToken)
    {
        await using NpgsqlDataSource database = _connections.OpenDatabase(_globals.Load(call, SettingsSections.Database));
        PostgresPartitions partitions = new(database);
        _ = TryMonth(call.GetValue(_before), out DateOnly first);
        bool dryRun = call.GetValue(_dryRun);
        bool all = true;
        foreach (PartitionMonth month in (await partitions.ListAsync(cancellationToken).ConfigureAwait(false)).Where(month => month.Month < first))
        {
            string name = month.Month.ToString(MonthFormat, CultureInfo.InvariantCulture);
            if (dryRun)
            {
                _terminal.Line(string.Create(CultureInfo.InvariantCulture, $"{name}  would be dropped: about {month.Rows} rows, {month.Bytes >> 20} MiB"));
                continue;
            }

            MonthDrop end = await partitions.DropMonthAsync(month.Month, cancellationToken).ConfigureAwait(false);
            all &= end == MonthDrop.Dropped;
            _terminal.Line(name + end switch
            {
                MonthDrop.Dropped => "  dropped",
                MonthDrop.HasOpenWork => "  kept: a job of the month has not ended",
                _ => "  kept: the month is not over",
            });
        }

        return all ? ExitCodes.Done : ExitCodes.Failed;
    }

    private static bool TryMonth(string? text, out DateOnly month) =>
        DateOnly.TryParseExact(text, MonthFormat, CultureInfo.InvariantCulture, DateTimeStyles.None, out month);
}
