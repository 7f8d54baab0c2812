using System.CommandLine;
using System.Globalization;
using Npgsql;
using Qwen3VL.Batch.Messaging;
using Qwen3VL.Batch.Storage;
using Qwen3VL.Batch.Worker.Composition;
using Qwen3VL.Batch.Worker.Output;
using Qwen3VL.Batch.Worker.Submission;
using RabbitMQ.Client.Exceptions;

namespace Qwen3VL.Batch.Worker.Commands;

/// <summary><c>drain</c>: asks workers to stop in order, wherever they run.</summary>
internal sealed class DrainCommand : IBatchCommand
{
    private readonly Connections _connections;
    private readonly GlobalOptions _globals;
    private readonly Terminal _terminal;
    private readonly TimeProvider _timeProvider;
    private readonly Argument<long[]> _workers = new("WORKER") { Description = "Numbers of workers", Arity = ArgumentArity.ZeroOrMore };
    private readonly Option<string?> _host = new("--host") { Description = "All workers of a machine", HelpName = "NAME" };
    private readonly Option<bool> _all = new("--all") { Description = "All workers" };
    private readonly Option<bool> _wait = new("--wait") { Description = "Waits until they have stopped" };

    private readonly Option<double> _timeout = new("--timeout")
    {
        Description = "Longest wait in seconds",
        DefaultValueFactory = _ => 300,
        HelpName = "SECONDS",
    };

    /// <summary>Creates it.</summary>
    public DrainCommand(GlobalOptions globals, Connections connections, Terminal terminal, TimeProvider timeProvider)
    {
        _globals = globals;
        _connections = connections;
        _terminal = terminal;
        _timeProvider = timeProvider;
        Command = new Command(
            "drain",
            "Asks workers to stop as SIGTERM does: chunks in flight end, the rest goes to other workers. They hear of it through the broker, and without it learn of it with their next heartbeat. "
            + "Ends with 1 when a WORKER does not run or no worker of --host does; with 0 when none runs and --all asked for just that.");
        Command.Arguments.Add(_workers);
        Command.Options.Add(_host);
        Command.Options.Add(_all);
        Command.Options.Add(_wait);
        Command.Options.Add(_timeout);
        Command.Validators.Add(result =>
        {
            int given = (result.GetValue(_workers) is { Length: > 0 } ? 1 : 0) + (result.GetValue(_host) is null ? 0 : 1) + (result.GetValue(_all) ? 1 : 0);
            if (given != 1)
            {
                result.AddError(FormattableString.Invariant($"exactly one of WORKER, --host and --all must be given; got {given}"));
            }
        });
        _timeout.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<double>() is not (> 0 and <= 86_400))
            {
                result.AddError(FormattableString.Invariant($"--timeout must be above 0 and at most 86400; got {result.GetValueOrDefault<double>()}"));
            }
        });
    }

    /// <inheritdoc/>
    public Command Command { get; }

    /// <inheritdoc/>
    public string Examples => """
        qwen3vl-batch drain 12 13 --wait
        qwen3vl-batch drain --host gpu-3
        """;

    /// <inheritdoc/>
    public async Task<int> RunAsync(ParseResult call, CancellationToken cancellationToken)
    {
        await using NpgsqlDataSource database = _connections.OpenDatabase(_globals.Load(call, SettingsSections.Database));
        PostgresFleet fleet = new(database);
        long[] wanted = call.GetValue(_workers) ?? [];
        IReadOnlyList<long> asked = await fleet.RequestDrainAsync(new DrainSelection(wanted, call.GetValue(_host), call.GetValue(_all)), cancellationToken)
            .ConfigureAwait(false);
        foreach (long worker in asked)
        {
            _terminal.Line(string.Create(CultureInfo.InvariantCulture, $"drain asked  {worker}"));
        }

        long[] unknown = [.. wanted.Except(asked)];
        foreach (long worker in unknown)
        {
            _terminal.Note(string.Create(CultureInfo.InvariantCulture, $"worker must be one that runs; got {worker}"));
        }

        if (asked.Count == 0)
        {
            return NoneAsked(call);
        }

        await HintAsync(call, asked, cancellationToken).ConfigureAwait(false);
        bool stopped = !call.GetValue(_wait) || await WaitAsync(fleet, asked, TimeSpan.FromSeconds(call.GetValue(_timeout)), cancellationToken).ConfigureAwait(false);
        return unknown.Length == 0 && stopped ? ExitCodes.Done : ExitCodes.Failed;
    }

    // A number or a name can be wrong, and then workers run on that somebody takes for stopped. "All" cannot be: with none, what was asked for holds.
    private int NoneAsked(ParseResult call)
    {
        if (call.GetValue(_all))
        {
            _terminal.Note("no worker runs: nothing to drain");
            return ExitCodes.Done;
        }

        _terminal.Note(call.GetValue(_host) is { } host ? $"no running worker matches: --host {host}" : "no running worker matches");
        return ExitCodes.Failed;
    }

    // The request is in the database already: whatever keeps the hint away, the workers find it.
    private async Task HintAsync(ParseResult call, IReadOnlyList<long> workers, CancellationToken cancellationToken)
    {
        try
        {
            Settings settings = _globals.Load(call, SettingsSections.Broker);
            await using ICommandSender sender = await _connections.OpenSenderAsync(settings, cancellationToken).ConfigureAwait(false);
            foreach (long worker in workers)
            {
                await sender.HintDrainAsync(worker, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (Exception exception) when (exception is BrokerException or SettingsException or OperationInterruptedException)
        {
            _terminal.Note("no hint through the broker, which is not configured or cannot be used: the workers notice with their next heartbeat");
        }
    }

    private async Task<bool> WaitAsync(PostgresFleet fleet, IReadOnlyList<long> workers, TimeSpan limit, CancellationToken cancellationToken)
    {
        long begun = _timeProvider.GetTimestamp();
        while (true)
        {
            IReadOnlyList<long> running = await fleet.RunningAsync(workers, cancellationToken).ConfigureAwait(false);
            if (running.Count == 0)
            {
                _terminal.Note("all of them have stopped");
                return true;
            }

            if (_timeProvider.GetElapsedTime(begun) >= limit)
            {
                _terminal.Note($"still running: {string.Join(", ", running)}");
                return false;
            }

            await Task.Delay(TimeSpan.FromSeconds(1), _timeProvider, cancellationToken).ConfigureAwait(false);
        }
    }
}
