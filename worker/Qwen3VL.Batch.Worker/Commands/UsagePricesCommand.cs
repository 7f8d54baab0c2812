using System.CommandLine;
using System.Globalization;
using Npgsql;
using Qwen3VL.Batch.Storage;
using Qwen3VL.Batch.Worker.Composition;
using Qwen3VL.Batch.Worker.Output;

namespace Qwen3VL.Batch.Worker.Commands;

/// <summary><c>usage prices</c>: the price lists.</summary>
internal sealed class UsagePricesCommand : IBatchCommand
{
    private readonly Connections _connections;
    private readonly GlobalOptions _globals;
    private readonly ListOptions _list = new();
    private readonly Terminal _terminal;

    /// <summary>Creates it.</summary>
    public UsagePricesCommand(GlobalOptions globals, Connections connections, Terminal terminal, TimeProvider timeProvider)
    {
        _globals = globals;
        _connections = connections;
        _terminal = terminal;
        Command = new Command("prices", "Lists prices. A list is never changed: usage keeps the price that held when it arose.");
        Command.Options.Add(_list.Format);
        Subcommands = [new UsagePricesSetCommand(globals, connections, terminal, timeProvider)];
    }

    /// <inheritdoc/>
    public Command Command { get; }

    /// <inheritdoc/>
    public IReadOnlyList<IBatchCommand> Subcommands { get; }

    /// <inheritdoc/>
    public string Examples => """
        qwen3vl-batch usage prices
        qwen3vl-batch usage prices set --currency EUR --prompt 0.15 --cached 0.03 --output 0.60
        """;

    /// <inheritdoc/>
    public async Task<int> RunAsync(ParseResult call, CancellationToken cancellationToken)
    {
        await using NpgsqlDataSource database = _connections.OpenDatabase(_globals.Load(call, SettingsSections.Database));
        IReadOnlyList<PriceVersion> prices = await new PostgresUsage(database).ListPricesAsync(cancellationToken).ConfigureAwait(false);
        ListOutput.Write(_terminal, call.GetValue(_list.Format), prices, Columns, price => price);
        return ExitCodes.Done;
    }

    private static ListColumn<PriceVersion>[] Columns { get; } =
    [
        new("version", price => price.Version.ToString(CultureInfo.InvariantCulture)),
        new("valid from", price => price.ValidFrom.ToString("u", CultureInfo.InvariantCulture)),
        new("currency", price => price.Currency),
        new("prompt / 1M", price => Million(price.NanoPerPromptToken)),
        new("cached / 1M", price => Million(price.NanoPerCachedToken)),
        new("output / 1M", price => Million(price.NanoPerOutputToken)),
        new("engine second", price => JobDescription.Money(price.NanoPerEngineSecond)),
    ];

    private static string Million(long nanoPerToken) => (nanoPerToken / 1_000m).ToString("0.000", CultureInfo.InvariantCulture);
}
