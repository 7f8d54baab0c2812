using System.CommandLine;
using Qwen3VL.Batch.Worker.Composition;
using Qwen3VL.Batch.Worker.Output;

namespace Qwen3VL.Batch.Worker.Commands.Dead;

/// <summary><c>dead discard</c>: closes dead letters for good.</summary>
internal sealed class DeadDiscardCommand : IBatchCommand
{
    private readonly Connections _connections;
    private readonly GlobalOptions _globals;
    private readonly Terminal _terminal;
    private readonly Argument<Guid[]> _ids = new("ID") { Description = "Ids of dead letters", Arity = ArgumentArity.OneOrMore };
    private readonly Option<string> _reason = new("--reason") { Description = "Why, for the audit", HelpName = "TEXT", Required = true };

    private readonly Option<string> _by = new("--by")
    {
        Description = "Who asks, for the audit",
        DefaultValueFactory = _ => Environment.UserName,
        HelpName = "NAME",
    };

    /// <summary>Creates it.</summary>
    public DeadDiscardCommand(GlobalOptions globals, Connections connections, Terminal terminal)
    {
        _globals = globals;
        _connections = connections;
        _terminal = terminal;
        Command = new Command("discard", "Closes open dead letters without doing them again. They stay stored until their retention ends.");
        Command.Arguments.Add(_ids);
        Command.Options.Add(_reason);
        Command.Options.Add(_by);
        _reason.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<string>() is not { Length: > 0 and <= 500 })
            {
                result.AddError("--reason must be 1..500 characters");
            }
        });
        _by.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<string>() is not { Length: > 0 and <= 200 })
            {
                result.AddError("--by must be 1..200 characters");
            }
        });
    }

    /// <inheritdoc/>
    public Command Command { get; }

    /// <inheritdoc/>
    public string Examples => """
        qwen3vl-batch dead discard 0198c7a2-5e1b-7c3d-9f00-3b1d7a5c2e10 --reason "test file"
        """;

    /// <inheritdoc/>
    public async Task<int> RunAsync(ParseResult call, CancellationToken cancellationToken)
    {
        Settings settings = _globals.Load(call, SettingsSections.Database);
        Guid[] ids = [.. (call.GetValue(_ids) ?? []).Distinct()];
        await using DeadLetterConnection connection = _connections.OpenDeadLetters(settings);
        IReadOnlyList<Guid> discarded = await connection.DeadLetters.DiscardAsync(
            call.GetValue(_globals.Tenant), ids, call.GetValue(_by) ?? Environment.UserName, call.GetValue(_reason) ?? "", cancellationToken).ConfigureAwait(false);
        foreach (Guid id in ids)
        {
            _terminal.Line(discarded.Contains(id) ? $"discarded  {id}" : $"not open  {id}");
        }

        return discarded.Count == ids.Length ? ExitCodes.Done : ExitCodes.Failed;
    }
}
