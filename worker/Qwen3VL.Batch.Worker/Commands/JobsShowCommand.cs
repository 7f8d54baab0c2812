using System.CommandLine;
using Npgsql;
using Qwen3VL.Batch.Storage;
using Qwen3VL.Batch.Worker.Composition;
using Qwen3VL.Batch.Worker.Output;

namespace Qwen3VL.Batch.Worker.Commands;

/// <summary><c>jobs show</c>: everything about how one job's work stands.</summary>
internal sealed class JobsShowCommand : IBatchCommand
{
    private readonly Connections _connections;
    private readonly GlobalOptions _globals;
    private readonly Terminal _terminal;
    private readonly Argument<string> _job = new("JOB") { Description = "Id or key of a job" };
    private readonly Option<bool> _json = new("--json") { Description = "One JSON object instead of text" };

    /// <summary>Creates it.</summary>
    public JobsShowCommand(GlobalOptions globals, Connections connections, Terminal terminal)
    {
        _globals = globals;
        _connections = connections;
        _terminal = terminal;
        Command = new Command("show", "Says of one job: chunks by outcome, groups with holder and lease, retries, dead letters, usage and cost.");
        Command.Arguments.Add(_job);
        Command.Options.Add(_json);
    }

    /// <inheritdoc/>
    public Command Command { get; }

    /// <inheritdoc/>
    public string Examples => """
        qwen3vl-batch jobs show 0198c7a2-5e1b-7c3d-9f00-3b1d7a5c2e10
        """;

    /// <inheritdoc/>
    public async Task<int> RunAsync(ParseResult call, CancellationToken cancellationToken)
    {
        long tenant = call.GetValue(_globals.Tenant);
        string reference = call.GetRequiredValue(_job);
        await using NpgsqlDataSource database = _connections.OpenDatabase(_globals.Load(call, SettingsSections.Database));
        Guid id = await JobReference.ResolveAsync(new PostgresResultReader(database), tenant, reference, cancellationToken).ConfigureAwait(false);
        JobDetails details = await new PostgresJobInspector(database).ReadAsync(tenant, id, cancellationToken).ConfigureAwait(false)
            ?? throw JobReference.NotFound(tenant, reference);
        if (call.GetValue(_json))
        {
            _terminal.Json(details);
        }
        else
        {
            JobDescription.Write(_terminal, details.Job);
            JobDescription.Write(_terminal, details);
        }

        return ExitCodes.Done;
    }
}
