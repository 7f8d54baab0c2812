using System.CommandLine;
using System.Globalization;
using Npgsql;
using Qwen3VL.Batch.Pipeline;
using Qwen3VL.Batch.Storage;
using Qwen3VL.Batch.Worker.Composition;
using Qwen3VL.Batch.Worker.Output;

namespace Qwen3VL.Batch.Worker.Commands;

/// <summary><c>sweep</c>: does by hand what a worker does every few seconds.</summary>
internal sealed class SweepCommand : IBatchCommand
{
    private readonly Connections _connections;
    private readonly GlobalOptions _globals;
    private readonly Terminal _terminal;
    private readonly Option<bool> _once = new("--once") { Description = "Sweeps once; so it does without the option too" };
    private readonly Option<bool> _json = new("--json") { Description = "One JSON object instead of text" };

    /// <summary>Creates it.</summary>
    public SweepCommand(GlobalOptions globals, Connections connections, Terminal terminal)
    {
        _globals = globals;
        _connections = connections;
        _terminal = terminal;
        Command = new Command(
            "sweep",
            "Takes back leases that ran out, ends cancelled and overdue jobs, makes partitions, deletes old rows. Harmless beside workers that do the same.");
        Command.Options.Add(_once);
        Command.Options.Add(_json);
    }

    /// <inheritdoc/>
    public Command Command { get; }

    /// <inheritdoc/>
    public string Examples => """
        qwen3vl-batch sweep --once
        """;

    /// <inheritdoc/>
    public async Task<int> RunAsync(ParseResult call, CancellationToken cancellationToken)
    {
        Settings settings = _globals.Load(call, SettingsSections.Database | SettingsSections.Worker);
        await using NpgsqlDataSource database = _connections.OpenDatabase(settings);
        SweepReport swept = await new PostgresJobLedger(database).SweepAsync(cancellationToken).ConfigureAwait(false);
        TimeSpan silence = Sweeper.LostAfterLeases * TimeSpan.FromSeconds(settings.Worker.LeaseSeconds);
        HousekeepingReport kept = await new PostgresHousekeeping(database).RunAsync(settings.Retention, silence, cancellationToken).ConfigureAwait(false);
        string[] failed = [.. swept.Errors.Select(error => error.GetType().Name).Distinct()];
        if (call.GetValue(_json))
        {
            _terminal.Json(new { Sweep = new { swept.ExpiredLeases, swept.CancelledJobs, swept.OverdueJobs, swept.Found }, Housekeeping = kept, Failed = failed });
            return failed.Length == 0 ? ExitCodes.Done : ExitCodes.Failed;
        }

        Say("leases taken back", swept.ExpiredLeases);
        Say("jobs cancelled", swept.CancelledJobs);
        Say("jobs past their deadline", swept.OverdueJobs);
        Say("workers lost", kept.LostWorkers);
        Say("old rows deleted", kept.DeletedRows);
        if (failed.Length == 0)
        {
            return ExitCodes.Done;
        }

        _terminal.Note($"qwen3vl-batch: parts of the sweep failed and are tried again by the next ({string.Join(", ", failed)})");
        return ExitCodes.Failed;
    }

    private void Say(string what, long count) => _terminal.Line(string.Create(CultureInfo.InvariantCulture, $"{what,-26} {count}"));
}
