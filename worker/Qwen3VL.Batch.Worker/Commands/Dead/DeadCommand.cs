using System.CommandLine;
using Qwen3VL.Batch.Worker.Output;

namespace Qwen3VL.Batch.Worker.Commands.Dead;

/// <summary><c>dead</c>: what was given up and is kept. By itself it lists, as <c>dead list</c> does.</summary>
internal sealed class DeadCommand : IBatchCommand
{
    private readonly DeadListCommand _list;

    /// <summary>Creates it with the commands below it.</summary>
    public DeadCommand(GlobalOptions globals, Connections connections, Terminal terminal, TimeProvider timeProvider)
    {
        _list = new DeadListCommand(globals, connections, terminal, timeProvider);
        Command = new Command("dead", "What was given up: chunks, commands and events that are kept until somebody replays or discards them.");
        foreach (Option option in _list.Command.Options)
        {
            Command.Options.Add(option);
        }

        Subcommands =
        [
            _list,
            new DeadShowCommand(globals, connections, terminal),
            new DeadReplayCommand(globals, connections, terminal, timeProvider),
            new DeadDiscardCommand(globals, connections, terminal),
        ];
    }

    /// <inheritdoc/>
    public Command Command { get; }

    /// <inheritdoc/>
    public IReadOnlyList<IBatchCommand> Subcommands { get; }

    /// <inheritdoc/>
    public string Examples => """
        qwen3vl-batch dead
        qwen3vl-batch dead show ID
        qwen3vl-batch dead replay --job JOB --dry-run
        """;

    /// <inheritdoc/>
    public Task<int> RunAsync(ParseResult call, CancellationToken cancellationToken) => _list.RunAsync(call, cancellationToken);
}
