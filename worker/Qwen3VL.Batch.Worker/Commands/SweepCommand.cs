using System.CommandLine;
using System.Globalization;
using Npgsql;
using Qwen3VL.Batch.Pipeline;
using Qwen3VL.Batch.Storage;
using Qwen3VL.Batch.Worker.Composition;
using Qwen3VL.Batch.Worker.Output;

namespace Qwen3VL.Batch.Worker.Commands;

/// <summary><c>sweep</c>: does by hand what the leading worker does every few seconds or minutes.</summary>
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
            "Takes back leases that ran out, ends cancelled and overdue jobs, makes partitions, rebuilds work and counters that other hands broke, deletes old rows. "
            + "Harmless beside workers that do the same. It reads all chunks of running jobs. Ends with 1 when a part failed.");
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
        PostgresJobLedger ledger = new(database);
        SweepReport swept = await ledger.SweepAsync(cancellationToken).ConfigureAwait(false);
        HealReport healed = await ledger.HealAsync(cancellationToken).ConfigureAwait(false);
        TimeSpan silence = Sweeper.LostAfterLeases * TimeSpan.FromSeconds(settings.Worker.LeaseSeconds);
        HousekeepingReport? kept = null;
        List<Exception> errors = [.. swept.Errors, .. healed.Errors];
        try
        {
            kept = await new PostgresHousekeeping(database).RunAsync(settings.Retention, silence, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested && (swept.Errors.Count == 0 || healed.Errors.Count == 0))
        {
            // Broad on purpose: what the others did is told. Where they failed too, this is the reason why nothing can be done.
            errors.Add(exception);
        }

        string[] failed = [.. errors.Select(error => error.GetType().Name).Distinct()];
        if (call.GetValue(_json))
        {
            _terminal.Json(new
            {
                Sweep = new { swept.ExpiredLeases, swept.CancelledJobs, swept.OverdueJobs, swept.Found },
                Healing = new { healed.Groups, healed.Plannings, healed.Stages, healed.Counters, healed.Jobs },
                Housekeeping = kept,
                Failed = failed,
            });
            return failed.Length == 0 ? ExitCodes.Done : ExitCodes.Failed;
        }

        Say("leases taken back", swept.ExpiredLeases);
        Say("jobs cancelled", swept.CancelledJobs);
        Say("jobs past their deadline", swept.OverdueJobs);
        Say("groups rebuilt", healed.Groups);
        Say("plannings rebuilt", healed.Plannings);
        Say("waiting groups freed", healed.Stages);
        Say("jobs counted anew", healed.Counters);
        Say("jobs ended by healing", healed.Jobs);
        if (kept is not null)
        {
            Say("workers lost", kept.LostWorkers);
            Say("old rows deleted", kept.DeletedRows);
        }

        if (failed.Length == 0)
        {
            return ExitCodes.Done;
        }

        _terminal.Note($"qwen3vl-batch: parts of the sweep failed and are tried again by the next ({string.Join(", ", failed)})");
        return ExitCodes.Failed;
    }

    private void Say(string what, long count) => _terminal.Line(string.Create(CultureInfo.InvariantCulture, $"{what,-26} {count}"));
}
