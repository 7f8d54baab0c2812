using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using Qwen3VL.Batch.Worker.Commands.Dead;
using Qwen3VL.Batch.Worker.Output;

namespace Qwen3VL.Batch.Worker.Commands;

/// <summary>The program's command line: finds the command, runs it, and turns every failure into one line on stderr and an exit code.</summary>
internal sealed class BatchCommandLine
{
    private readonly GlobalOptions _globals = new();
    private readonly RootCommand _root;
    private readonly Terminal _terminal;

    /// <summary>Creates all commands.</summary>
    public BatchCommandLine(Terminal terminal, TimeProvider timeProvider, Connections connections)
    {
        _terminal = terminal;
        _root = new RootCommand(
            "Reads documents and videos with Qwen3-VL: jobs in through RabbitMQ, text, boxes and times out of PostgreSQL.");
        _globals.AddTo(_root);
        Dictionary<Command, string> examples = new()
        {
            [_root] = """
                qwen3vl-batch doctor                                       what is missing, and what to do about it
                qwen3vl-batch submit --task ocr --wait report.pdf          one document, waiting for it
                qwen3vl-batch results JOB --format markdown                what was found
                """.ReplaceLineEndings("\n"),
        };
        foreach (IBatchCommand command in Commands(terminal, timeProvider, connections))
        {
            Add(_root, command, examples);
        }

        HelpOption help = _root.Options.OfType<HelpOption>().Single();
        if (help.Action is HelpAction action)
        {
            help.Action = new HelpWithExamples(action, examples);
        }
    }

    /// <summary>Runs a command line.</summary>
    /// <returns>One of <see cref="ExitCodes"/>.</returns>
    public async Task<int> RunAsync(IReadOnlyList<string> arguments, CancellationToken cancellationToken)
    {
        ParseResult call = _root.Parse(arguments);
        // Asked for help, the library answers whatever else is wrong with the line.
        if (call.Errors.Count > 0 && call.Action is ParseErrorAction)
        {
            foreach (string message in call.Errors.Select(error => error.Message).Distinct())
            {
                _terminal.Note($"qwen3vl-batch: {message}");
            }

            _terminal.Note($"See: qwen3vl-batch{Path(call.CommandResult)} --help");
            return ExitCodes.Usage;
        }

        InvocationConfiguration invocation = new()
        {
            EnableDefaultExceptionHandler = false,
            // Signals are the entry point's: the library would end the process two seconds after the first one.
            ProcessTerminationTimeout = null,
            Output = _terminal.Out,
            Error = _terminal.Error,
        };
        return await call.InvokeAsync(invocation, cancellationToken).ConfigureAwait(false);
    }

    // The words of a command behind the program's name.
    private string Path(CommandResult result) =>
        result.Command == _root ? "" : $"{(result.Parent is CommandResult parent ? Path(parent) : "")} {result.Command.Name}";

    private void Add(Command parent, IBatchCommand command, Dictionary<Command, string> examples)
    {
        command.Command.SetAction((call, cancellationToken) => GuardAsync(command, call, cancellationToken));
        examples.Add(command.Command, command.Examples.ReplaceLineEndings("\n"));
        parent.Subcommands.Add(command.Command);
        foreach (IBatchCommand below in command.Subcommands)
        {
            Add(command.Command, below, examples);
        }
    }

    private IEnumerable<IBatchCommand> Commands(Terminal terminal, TimeProvider timeProvider, Connections connections) =>
    [
        new WorkerCommand(_globals),
        new MigrateCommand(_globals, terminal, timeProvider),
        new SubmitCommand(_globals, connections, terminal, timeProvider),
        new StatusCommand(_globals, connections, terminal, timeProvider),
        new JobsCommand(_globals, connections, terminal, timeProvider),
        new ResultsCommand(_globals, connections, terminal, timeProvider),
        new CancelCommand(_globals, connections, terminal, timeProvider),
        new GenerateCommand(_globals, connections, terminal),
        new DeadCommand(_globals, connections, terminal, timeProvider),
        new WorkersCommand(_globals, connections, terminal, timeProvider),
        new DrainCommand(_globals, connections, terminal, timeProvider),
        new SweepCommand(_globals, connections, terminal),
        new PartitionsCommand(_globals, connections, terminal, timeProvider),
        new UsageCommand(_globals, connections, terminal, timeProvider),
        new TopologyCommand(_globals, terminal),
        new DoctorCommand(_globals, terminal, timeProvider),
    ];

    // The broad catch is the process's edge: what is not expected is a defect, named by its type only, for its text may quote anything.
    private async Task<int> GuardAsync(IBatchCommand command, ParseResult call, CancellationToken cancellationToken)
    {
        try
        {
            return await command.RunAsync(call, cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            _terminal.Note("qwen3vl-batch: interrupted");
            return ExitCodes.Interrupted;
        }
        catch (Exception exception)
        {
            Failure failure = Failure.Of(exception);
            foreach (string line in failure.Lines)
            {
                _terminal.Note($"qwen3vl-batch: {line}");
            }

            if (call.GetValue(_globals.Verbose))
            {
                await _terminal.Error.WriteLineAsync(exception.ToString()).ConfigureAwait(false);
            }

            return failure.ExitCode;
        }
    }
}
