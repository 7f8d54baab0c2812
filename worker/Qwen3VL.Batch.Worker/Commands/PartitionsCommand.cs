using System.CommandLine;
using System.Globalization;
using Npgsql;
using Qwen3VL.Batch.Storage;
using Qwen3VL.Batch.Worker.Composition;
using Qwen3VL.Batch.Worker.Output;

namespace Qwen3VL.Batch.Worker.Commands;

/// <summary><c>partitions</c>: the months of the big tables.</summary>
internal sealed class PartitionsCommand : IBatchCommand
{
    private readonly Connections _connections;
    private readonly GlobalOptions _globals;
    private readonly ListOptions _list = new();
    private readonly Terminal _terminal;
    private readonly TimeProvider _timeProvider;

    /// <summary>Creates it.</summary>
    public PartitionsCommand(GlobalOptions globals, Connections connections, Terminal terminal, TimeProvider timeProvider)
    {
        _globals = globals;
        _connections = connections;
        _terminal = terminal;
        _timeProvider = timeProvider;
        Command = new Command("partitions", "Lists the months of the big tables, and says when there are too few ahead. Exit 1 then.");
        Command.Options.Add(_list.Format);
        Subcommands = [new PartitionsEnsureCommand(globals, connections, terminal), new PartitionsDropCommand(globals, connections, terminal)];
    }

    /// <inheritdoc/>
    public Command Command { get; }

    /// <inheritdoc/>
    public IReadOnlyList<IBatchCommand> Subcommands { get; }

    /// <inheritdoc/>
    public string Examples => """
        qwen3vl-batch partitions
        qwen3vl-batch partitions ensure
        qwen3vl-batch partitions drop --before 2029-01 --dry-run
        """;

    /// <inheritdoc/>
    public async Task<int> RunAsync(ParseResult call, CancellationToken cancellationToken)
    {
        await using NpgsqlDataSource database = _connections.OpenDatabase(_globals.Load(call, SettingsSections.Database));
        IReadOnlyList<PartitionMonth> months = await new PostgresPartitions(database).ListAsync(cancellationToken).ConfigureAwait(false);
        ListOutput.Write(_terminal, call.GetValue(_list.Format), months, Columns, month => month);
        MonthsAhead ahead = MonthsAhead.Of(months, _timeProvider.GetUtcNow());
        _terminal.Note(ahead.Message);
        return ahead.Enough ? ExitCodes.Done : ExitCodes.Failed;
    }

    private static ListColumn<PartitionMonth>[] Columns { get; } =
    [
        new("month", row => row.Month.ToString("yyyy-MM", CultureInfo.InvariantCulture)),
        new("tables", row => row.Tables.ToString(CultureInfo.InvariantCulture)),
        new("missing", row => string.Join('+', row.Missing)),
        new("rows (about)", row => row.Rows.ToString(CultureInfo.InvariantCulture)),
        new("MiB", row => (row.Bytes / 1_048_576.0).ToString("0.0", CultureInfo.InvariantCulture)),
    ];
}
