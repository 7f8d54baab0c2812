using System.CommandLine;

namespace Qwen3VL.Batch.Worker.Commands;

/// <summary>One command of the program.</summary>
internal interface IBatchCommand
{
    /// <summary>Its arguments, options and description.</summary>
    Command Command { get; }

    /// <summary>Examples for its help, a line each.</summary>
    string Examples { get; }

    /// <summary>Commands below it.</summary>
    IReadOnlyList<IBatchCommand> Subcommands => [];

    /// <summary>Runs it.</summary>
    /// <returns>One of <see cref="ExitCodes"/>.</returns>
    /// <exception cref="CommandException">It cannot go on.</exception>
    Task<int> RunAsync(ParseResult call, CancellationToken cancellationToken);
}
