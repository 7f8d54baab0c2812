using System.CommandLine;
using System.Globalization;
using Npgsql;
using Qwen3VL.Batch.Storage;
using Qwen3VL.Batch.Worker.Composition;
using Qwen3VL.Batch.Worker.Output;

namespace Qwen3VL.Batch.Worker.Commands;

/// <summary><c>usage</c>: what was used and what it costs.</summary>
internal sealed class UsageCommand : IBatchCommand
{
    private const int DefaultDays = 30;

    private readonly Connections _connections;
    private readonly GlobalOptions _globals;
    private readonly ListOptions _list = new();
    private readonly Terminal _terminal;
    private readonly TimeProvider _timeProvider;
    private readonly Option<DateOnly?> _from = new("--from") { Description = "First day, UTC; default: 30 days ago", HelpName = "DAY" };
    private readonly Option<DateOnly?> _to = new("--to") { Description = "Last day, UTC; default: today", HelpName = "DAY" };
    private readonly Option<UsageGrouping> _by = new("--by") { Description = "Sums over what", DefaultValueFactory = _ => UsageGrouping.Day };
    private readonly Option<bool> _allTenants = new("--all-tenants") { Description = "Of all tenants; --by tenant implies it" };

    /// <summary>Creates it.</summary>
    public UsageCommand(GlobalOptions globals, Connections connections, Terminal terminal, TimeProvider timeProvider)
    {
        _globals = globals;
        _connections = connections;
        _terminal = terminal;
        _timeProvider = timeProvider;
        Command = new Command("usage", "Sums tokens, engine time and cost of a tenant, and what was computed in vain.");
        foreach (Option option in (Option[])[_from, _to, _by, _allTenants, _list.Format])
        {
            Command.Options.Add(option);
        }

        Subcommands = [new UsagePricesCommand(globals, connections, terminal, timeProvider)];
    }

    /// <inheritdoc/>
    public Command Command { get; }

    /// <inheritdoc/>
    public IReadOnlyList<IBatchCommand> Subcommands { get; }

    /// <inheritdoc/>
    public string Examples => """
        qwen3vl-batch usage --tenant 7 --from 2030-01-01 --to 2030-01-31
        qwen3vl-batch usage --by tenant --format csv
        qwen3vl-batch usage prices
        """;

    /// <inheritdoc/>
    public async Task<int> RunAsync(ParseResult call, CancellationToken cancellationToken)
    {
        UsageGrouping by = call.GetValue(_by);
        bool all = call.GetValue(_allTenants) || by == UsageGrouping.Tenant;
        DateOnly today = DateOnly.FromDateTime(_timeProvider.GetUtcNow().UtcDateTime);
        DateOnly to = call.GetValue(_to) ?? today;
        UsageQuery query = new(all ? null : call.GetValue(_globals.Tenant), call.GetValue(_from) ?? to.AddDays(-DefaultDays), to, by);
        await using NpgsqlDataSource database = _connections.OpenDatabase(_globals.Load(call, SettingsSections.Database));
        IReadOnlyList<UsageRow> rows = await new PostgresUsage(database).SumAsync(query, cancellationToken).ConfigureAwait(false);
        ListOutput.Write(_terminal, call.GetValue(_list.Format), rows, Columns(by), row => row);
        return ExitCodes.Done;
    }

    private static ListColumn<UsageRow>[] Columns(UsageGrouping by) =>
    [
        new(by.ToString().ToLower(CultureInfo.InvariantCulture), row => row.Key),
        new("chunks", row => Text(row.Chunks)),
        new("prompt", row => Text(row.PromptTokens)),
        new("cached", row => Text(row.CachedTokens)),
        new("image", row => Text(row.ImageTokens)),
        new("output", row => Text(row.OutputTokens)),
        new("engine s", row => (row.EngineMicroseconds / 1e6).ToString("0.0", CultureInfo.InvariantCulture)),
        new("cost", row => JobDescription.Money(row.CostNano)),
        new("in vain", row => row.WastedShare.ToString("0.000", CultureInfo.InvariantCulture)),
        new("currency", row => row.Currency ?? ""),
    ];

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
