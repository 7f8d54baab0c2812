using System.CommandLine;
using System.Globalization;
using Qwen3VL.Batch.Storage;
using Qwen3VL.Batch.Worker.Composition;
using Qwen3VL.Batch.Worker.Output;
using Spectre.Console;

namespace Qwen3VL.Batch.Worker.Commands.Dead;

/// <summary><c>dead list</c>: what was given up.</summary>
internal sealed class DeadListCommand : IBatchCommand
{
    private readonly Connections _connections;
    private readonly GlobalOptions _globals;
    private readonly Terminal _terminal;
    private readonly TimeProvider _timeProvider;
    private readonly DeadLetterSelection _selection = new(limit: 50, maxLimit: 10_000);

    private readonly Option<string> _status = new("--status")
    {
        Description = "open, replayed, discarded, or all of them",
        DefaultValueFactory = _ => "open",
    };

    private readonly Option<string> _format = new("--format") { Description = "text, or one JSON object a line", DefaultValueFactory = _ => "text" };

    /// <summary>Creates it.</summary>
    public DeadListCommand(GlobalOptions globals, Connections connections, Terminal terminal, TimeProvider timeProvider)
    {
        _globals = globals;
        _connections = connections;
        _terminal = terminal;
        _timeProvider = timeProvider;
        _status.AcceptOnlyFromAmong("open", "replayed", "discarded", "all");
        _format.AcceptOnlyFromAmong("text", "json");
        Command = new Command("list", "Lists dead letters of the tenant, newest first.");
        Command.Options.Add(_status);
        _selection.AddTo(Command);
        Command.Options.Add(_format);
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
        if (call.GetValue(_format) == "json")
        {
            foreach (StoredDeadLetter row in rows)
            {
                _terminal.Json(row);
            }
        }
        else if (_terminal.OutIsTerminal)
        {
            Table table = new Table().Border(TableBorder.Simple).AddColumns("dead letter", "status", "code", "times", "age", "what");
            foreach (StoredDeadLetter row in rows)
            {
                table.AddRow([.. Cells(row).Select(cell => new Text(SafeText.Line(cell)))]);
            }

            _terminal.OutConsole.Write(table);
        }
        else
        {
            foreach (StoredDeadLetter row in rows)
            {
                _terminal.Out.WriteLine(string.Join('\t', Cells(row).Select(SafeText.Line)));
            }
        }

        return ExitCodes.Done;
    }

    private string[] Cells(StoredDeadLetter row) =>
    [
        row.Id.ToString(),
        row.Status,
        row.ErrorCode,
        row.Occurrences.ToString(CultureInfo.InvariantCulture),
        Timecode.Duration(_timeProvider.GetUtcNow() - new DateTimeOffset(row.LastAt)),
        DeadLetterWords.Subject(row),
    ];
}
