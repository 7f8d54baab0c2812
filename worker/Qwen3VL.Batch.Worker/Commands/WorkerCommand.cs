using System.CommandLine;
using Qwen3VL.Batch.Worker.Composition;

namespace Qwen3VL.Batch.Worker.Commands;

/// <summary><c>worker</c>: takes jobs until a signal ends it.</summary>
internal sealed class WorkerCommand : IBatchCommand
{
    private readonly GlobalOptions _globals;

    private readonly Option<int?> _slots = new("--slots")
    {
        Description = "Groups of chunks held at the same time (Worker:Slots)",
        HelpName = "NUMBER",
    };

    private readonly Option<string?> _lanes = new("--lanes")
    {
        Description = "Lanes that work is taken from (Worker:Lanes): bulk,interactive, or quarantine alone",
        HelpName = "NAMES",
    };

    // Given by a worker to its child: the end of standard input is the end of the parent.
    private readonly Option<bool> _supervised = new(QuarantineProcess.SupervisedOption) { Hidden = true };

    /// <summary>Creates it.</summary>
    public WorkerCommand(GlobalOptions globals)
    {
        _globals = globals;
        Command = new Command(
            "worker",
            "Runs a worker: takes commands from RabbitMQ, reads sources with the model, stores results. SIGTERM and Ctrl+C end it in order.");
        Command.Options.Add(_slots);
        Command.Options.Add(_lanes);
        Command.Options.Add(_supervised);
    }

    /// <inheritdoc/>
    public Command Command { get; }

    /// <inheritdoc/>
    public string Examples => """
        qwen3vl-batch worker --source-root /srv/documents
        qwen3vl-batch worker --model /srv/models/Qwen3-VL-2B-Instruct --slots 4
        qwen3vl-batch worker --lanes quarantine                    only what ended its workers before
        """;

    /// <inheritdoc/>
    public Task<int> RunAsync(ParseResult call, CancellationToken cancellationToken)
    {
        Dictionary<string, string?> overrides = _globals.Overrides(call);
        overrides["Worker:Slots"] = call.GetValue(_slots)?.ToString(System.Globalization.CultureInfo.InvariantCulture);
        overrides["Worker:Lanes"] = call.GetValue(_lanes);
        return call.GetValue(_supervised)
            ? WorkerHost.RunSupervisedAsync(overrides, WorkerParts.Product, cancellationToken)
            : WorkerHost.RunAsync(overrides, cancellationToken);
    }
}
