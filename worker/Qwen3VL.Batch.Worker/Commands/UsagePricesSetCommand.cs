using System.CommandLine;
using System.Globalization;
using Npgsql;
using Qwen3VL.Batch.Storage;
using Qwen3VL.Batch.Worker.Composition;
using Qwen3VL.Batch.Worker.Output;

namespace Qwen3VL.Batch.Worker.Commands;

/// <summary><c>usage prices set</c>: a new price list. Runs with the rights of the schema's owner.</summary>
internal sealed class UsagePricesSetCommand : IBatchCommand
{
    // Nano units a token for one unit a million tokens, and nano units in a unit.
    private const decimal NanoPerMillionth = 1_000;
    private const decimal NanoPerUnit = 1_000_000_000;

    // So that a job of the largest size cannot overflow what its cost is stored in.
    private const decimal MostPerMillion = 1_000_000;

    private readonly Connections _connections;
    private readonly GlobalOptions _globals;
    private readonly Terminal _terminal;
    private readonly TimeProvider _timeProvider;
    private readonly Option<string> _currency = new("--currency") { Description = "Three letters, as in ISO 4217", Required = true, HelpName = "CODE" };
    private readonly Option<decimal> _prompt = new("--prompt") { Description = "For a million prompt tokens", HelpName = "AMOUNT" };
    private readonly Option<decimal> _cached = new("--cached") { Description = "For a million prompt tokens from the cache", HelpName = "AMOUNT" };
    private readonly Option<decimal> _output = new("--output") { Description = "For a million tokens of answers", HelpName = "AMOUNT" };
    private readonly Option<decimal> _engineSecond = new("--engine-second") { Description = "For a second of the engine", HelpName = "AMOUNT" };
    private readonly Option<DateTimeOffset?> _from = new("--from") { Description = "When it begins to hold; default: now", HelpName = "TIME" };

    /// <summary>Creates it.</summary>
    public UsagePricesSetCommand(GlobalOptions globals, Connections connections, Terminal terminal, TimeProvider timeProvider)
    {
        _globals = globals;
        _connections = connections;
        _terminal = terminal;
        _timeProvider = timeProvider;
        Command = new Command("set", "Adds a price list, which takes over from the one before at its time, in the same currency. What is not given costs nothing.");
        foreach (Option option in (Option[])[_currency, _prompt, _cached, _output, _engineSecond, _from])
        {
            Command.Options.Add(option);
        }

        Command.Validators.Add(result =>
        {
            if (result.GetValue(_currency) is not { Length: 3 } currency || !currency.All(char.IsAsciiLetterUpper))
            {
                result.AddError($"--currency must be three capital letters; got {result.GetValue(_currency)}");
            }

            foreach (Option<decimal> amount in (Option<decimal>[])[_prompt, _cached, _output, _engineSecond])
            {
                decimal step = amount == _engineSecond ? 1 / NanoPerUnit : 1 / NanoPerMillionth;
                if (result.GetValue(amount) is var value && (value < 0 || value > MostPerMillion || value % step != 0))
                {
                    result.AddError(FormattableString.Invariant($"{amount.Name} must be 0..{MostPerMillion} in steps of {step}; got {value}"));
                }
            }
        });
    }

    /// <inheritdoc/>
    public Command Command { get; }

    /// <inheritdoc/>
    public string Examples => """
        qwen3vl-batch usage prices set --currency EUR --prompt 0.15 --cached 0.03 --output 0.60
        """;

    /// <inheritdoc/>
    public async Task<int> RunAsync(ParseResult call, CancellationToken cancellationToken)
    {
        PriceVersion price = new()
        {
            ValidFrom = (call.GetValue(_from) ?? _timeProvider.GetUtcNow()).UtcDateTime,
            Currency = call.GetRequiredValue(_currency),
            NanoPerPromptToken = (long)(call.GetValue(_prompt) * NanoPerMillionth),
            NanoPerCachedToken = (long)(call.GetValue(_cached) * NanoPerMillionth),
            NanoPerOutputToken = (long)(call.GetValue(_output) * NanoPerMillionth),
            NanoPerEngineSecond = (long)(call.GetValue(_engineSecond) * NanoPerUnit),
        };
        await using NpgsqlDataSource database = _connections.OpenDatabase(_globals.Load(call, SettingsSections.Database));
        AddedPrice added = await new PostgresUsage(database).AddPriceAsync(price, cancellationToken).ConfigureAwait(false);
        int version = added.Version ?? throw new CommandException(
            ExitCodes.Failed,
            added.Currency is { } currency && currency != price.Currency
                ? $"--currency must be that of the first price list, {currency}, because costs are summed over all lists; got {price.Currency}"
                : "a price list must begin after the one before, and not in the past; look at usage prices: another may have been added meanwhile");
        _terminal.Line(string.Create(CultureInfo.InvariantCulture, $"price list {version} from {price.ValidFrom:u}"));
        return ExitCodes.Done;
    }
}
