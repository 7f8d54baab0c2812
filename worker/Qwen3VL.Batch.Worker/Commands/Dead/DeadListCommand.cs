using System.CommandLine;
using System.Globalization;
using Qwen3VL.Batch.Storage;
using Qwen3VL.Batch.Worker.Composition;
using Qwen3VL.Batch.Worker.Output;

namespace Qwen3VL.Batch.Worker.Commands.Dead;

/// <summary><c>dead list</c>: what was given up.</summary>
internal sealed class DeadListCommand : IBatchCommand
{
    private readonly Connections _connections;
    private readonly GlobalOptions _globals;
    private readonly Terminal _terminal;
    private readonly TimeProvider _timeProvider;
    private readonly ListOptions _list = new();
    private readonly DeadLetterSelection _selection = new(limit: 50, maxLimit: 10_000);

    private readonly Option<string> _status = new("--status")
    {
        Description = "open, replayed, discarded, or all of them",
        DefaultValueFactory = _ => "open",
    };

    /// <summary>Creates it.</summary>
    public DeadListCommand(GlobalOptions globals, Connections connections, Terminal terminal, TimeProvider timeProvider)
    {
        _globals = globals;
        _connections = connections;
        _terminal = terminal;
        _timeProvider = timeProvider;
        _status.AcceptOnlyFromAmong("open", "replayed", "discarded", "all");
        Command = new Command("list", "Lists dead letters of the tenant, newest first.");
        Command.Options.Add(_status);
        _selection.AddTo(Command);
        Command.Options.Add(_list.Format);
    }

    /// <inheritdoc/>
    public Command Command { get; }

    /// <inheritdoc/>
    public string Examples => """
        qwen3vl-batch dead list
        qwen3vl-batch dead list --status all --code output_truncated --since 7d
        qwen3vl-batch dead list --source message --format json | jq -r .errorText
        """;

    /// <inheritdoc/>
    public async Task<int> RunAsync(ParseResult call, CancellationToken cancellationToken)
    {
        Settings settings = _globals.Load(call, SettingsSections.Database);
        string status = call.GetValue(_status) ?? "open";
        DeadLetterQuery query = _selection.Query(call, call.GetValue(_globals.Tenant), _timeProvider.GetUtcNow()) with { Status = status == "all" ? null : status };
        await using DeadLetterConnection connection = _connections.OpenDeadLetters(settings);
        IReadOnlyList<StoredDeadLetter> rows = await connection.DeadLetters.ListAsync(query, cancellationToken).ConfigureAwait(false);
        ListOutput.Write(_terminal, call.GetValue(_list.Format), rows, Columns(_timeProvider.GetUtcNow()), row => row);
        return ExitCodes.Done;
    }

    private static ListColumn<StoredDeadLetter>[] Columns(DateTimeOffset now) =>
    [
        new("dead letter", row => row.Id.ToString()),
        new("status", row => row.Status),
        new("code", row => row.ErrorCode),
        new("times", row => row.Occurrences.ToString(CultureInfo.InvariantCulture)),
        new("age", row => Timecode.Duration(now - new DateTimeOffset(row.LastAt))),
        new("what", DeadLetterWords.Subject),
    ];
}
