using System.CommandLine;
using Qwen3VL.Batch.Contracts.V1;
using Qwen3VL.Batch.Worker.Composition;
using Qwen3VL.Batch.Worker.Output;
using Qwen3VL.Batch.Worker.Submission;

namespace Qwen3VL.Batch.Worker.Commands;

/// <summary><c>cancel</c>: asks jobs to stop.</summary>
internal sealed class CancelCommand : IBatchCommand
{
    private readonly Connections _connections;
    private readonly GlobalOptions _globals;
    private readonly Terminal _terminal;
    private readonly TimeProvider _timeProvider;
    private readonly Argument<string[]> _jobs = new("JOB") { Description = "Ids or keys of jobs", Arity = ArgumentArity.OneOrMore };

    private readonly Option<string?> _reason = new("--reason")
    {
        Description = "Why, for the record; up to 500 characters",
        HelpName = "TEXT",
    };

    private readonly Option<bool> _json = new("--json") { Description = "One JSON object a job instead of text" };

    /// <summary>Creates it.</summary>
    public CancelCommand(GlobalOptions globals, Connections connections, Terminal terminal, TimeProvider timeProvider)
    {
        _globals = globals;
        _connections = connections;
        _terminal = terminal;
        _timeProvider = timeProvider;
        Command = new Command("cancel", "Asks jobs to stop. What is finished is kept; a job that has ended stays as it is.");
        Command.Arguments.Add(_jobs);
        Command.Options.Add(_reason);
        Command.Options.Add(_json);
    }

    /// <inheritdoc/>
    public Command Command { get; }

    /// <inheritdoc/>
    public string Examples => """
        qwen3vl-batch cancel 0198c7a2-5e1b-7c3d-9f00-3b1d7a5c2e10 --reason "wrong file"
        """;

    /// <inheritdoc/>
    public async Task<int> RunAsync(ParseResult call, CancellationToken cancellationToken)
    {
        Settings settings = _globals.Load(call, SettingsSections.Database | SettingsSections.Broker);
        long tenant = call.GetValue(_globals.Tenant);
        await using ReaderConnection connection = _connections.OpenReader(settings);
        List<Guid> ids = [];
        foreach (string reference in call.GetValue(_jobs) ?? [])
        {
            Guid id = await JobReference.ResolveAsync(connection.Reader, tenant, reference, cancellationToken).ConfigureAwait(false);
            _ = await connection.Reader.ReadJobAsync(tenant, id, cancellationToken).ConfigureAwait(false) ?? throw JobReference.NotFound(tenant, reference);
            ids.Add(id);
        }

        await using ICommandSender sender = await _connections.OpenSenderAsync(settings, cancellationToken).ConfigureAwait(false);
        foreach (Guid id in ids)
        {
            CancelJob command = new() { TenantId = tenant, OccurredAt = _timeProvider.GetUtcNow(), JobId = id, Reason = call.GetValue(_reason) };
            await sender.CancelAsync(command, cancellationToken).ConfigureAwait(false);
            if (call.GetValue(_json))
            {
                _terminal.Json(new { JobId = id, State = "cancelSent" });
            }
            else
            {
                _terminal.Line($"cancel sent  {id}");
            }
        }

        return ExitCodes.Done;
    }
}
