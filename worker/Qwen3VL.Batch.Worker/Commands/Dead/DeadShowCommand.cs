using System.CommandLine;
using System.Globalization;
using System.Text;
using Qwen3VL.Batch.Media;
using Qwen3VL.Batch.Storage;
using Qwen3VL.Batch.Worker.Composition;
using Qwen3VL.Batch.Worker.Output;

namespace Qwen3VL.Batch.Worker.Commands.Dead;

/// <summary><c>dead show</c>: everything about one dead letter.</summary>
internal sealed class DeadShowCommand : IBatchCommand
{
    // Enough to see what it was; --json has all that is stored.
    private const int MaxBodyLength = 4_000;

    private const string Indent = "          ";

    private readonly Connections _connections;
    private readonly GlobalOptions _globals;
    private readonly Terminal _terminal;
    private readonly Argument<Guid> _id = new("ID") { Description = "Id of a dead letter" };
    private readonly Option<bool> _json = new("--json") { Description = "One JSON object instead of text" };

    /// <summary>Creates it.</summary>
    public DeadShowCommand(GlobalOptions globals, Connections connections, Terminal terminal)
    {
        _globals = globals;
        _connections = connections;
        _terminal = terminal;
        Command = new Command("show", "Shows one dead letter: why, headers, body, and what was done to it.");
        Command.Arguments.Add(_id);
        Command.Options.Add(_json);
    }

    /// <inheritdoc/>
    public Command Command { get; }

    /// <inheritdoc/>
    public string Examples => """
        qwen3vl-batch dead show 0198c7a2-5e1b-7c3d-9f00-3b1d7a5c2e10
        """;

    /// <inheritdoc/>
    public async Task<int> RunAsync(ParseResult call, CancellationToken cancellationToken)
    {
        Settings settings = _globals.Load(call, SettingsSections.Database);
        long tenant = call.GetValue(_globals.Tenant);
        Guid id = call.GetValue(_id);
        await using DeadLetterConnection connection = _connections.OpenDeadLetters(settings);
        var query = new DeadLetterQuery { TenantId = tenant, Ids = [id], Limit = 1 };
        IReadOnlyList<StoredDeadLetter> rows = await connection.DeadLetters.ListAsync(query, cancellationToken).ConfigureAwait(false);
        if (rows.Count == 0)
        {
            throw new CommandException(ExitCodes.Failed, $"'{id}' must be the id of a dead letter of tenant {tenant}; there is none");
        }

        IReadOnlyList<DeadLetterAuditRow> audit = await connection.DeadLetters.ReadAuditAsync(tenant, id, cancellationToken).ConfigureAwait(false);
        if (call.GetValue(_json))
        {
            _terminal.Json(new { Letter = rows[0], Audit = audit });
        }
        else
        {
            Describe(rows[0], audit);
        }

        return ExitCodes.Done;
    }

    private void Describe(StoredDeadLetter row, IReadOnlyList<DeadLetterAuditRow> audit)
    {
        Field("letter", row.Id.ToString());
        Field("status", $"{row.Status} since {Time(row.StatusAt)}{(row.StatusBy is { } by ? $" by {by}" : "")}");
        Field("what", DeadLetterWords.Subject(row));
        Field("error", $"{row.ErrorCode}: {row.ErrorText}");
        Field("seen", string.Create(CultureInfo.InvariantCulture, $"{row.Occurrences} times, {Time(row.FirstAt)} .. {Time(row.LastAt)}, tried {row.Attempts} times, replayed {row.ReplayCount} times"));
        if (row.ReplayJobId is { } followUp)
        {
            Field("follow-up", followUp.ToString());
        }

        if (row.Queue is { } queue)
        {
            Field("queue", queue);
        }

        if (row.Headers is { } headers)
        {
            Field("headers", headers);
        }

        if ((row.Body ?? (row.BodyRaw is { } bytes ? Encoding.UTF8.GetString(bytes) : null)) is { } whole)
        {
            string body = SourceUrl.HideQueries(whole);
            Field("body", row.Body is null ? "not JSON, or cut:" : "");

            // Indented: a body that is not JSON has lines of its own, which must not pose as fields of this page.
            string lines = SafeText.Lines(body.Length <= MaxBodyLength ? body : body[..MaxBodyLength] + "...");
            _terminal.Out.WriteLine(Indent + lines.Replace("\n", "\n" + Indent, StringComparison.Ordinal));
        }

        foreach (DeadLetterAuditRow entry in audit)
        {
            Field("audit", $"{Time(entry.At)} {entry.Action} by {entry.Actor} {entry.Detail}");
        }
    }

    private static string Time(DateTime at) => at.ToString("u", CultureInfo.InvariantCulture);

    private void Field(string name, string value) => _terminal.Line($"{name,-9} {value}");
}
