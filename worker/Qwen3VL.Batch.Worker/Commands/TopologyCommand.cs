using System.CommandLine;
using System.Globalization;
using Qwen3VL.Batch.Messaging;
using Qwen3VL.Batch.Worker.Composition;
using Qwen3VL.Batch.Worker.Output;
using RabbitMQ.Client;

namespace Qwen3VL.Batch.Worker.Commands;

/// <summary><c>topology</c>: what this product has on the broker.</summary>
internal sealed class TopologyCommand : IBatchCommand
{
    private readonly GlobalOptions _globals;
    private readonly Terminal _terminal;

    private readonly Argument<string> _action = new("ACTION")
    {
        Description = "show: what is there; check: the same, exit code 1 when something is missing or differs; declare: make what is missing",
        DefaultValueFactory = _ => "show",
    };

    private readonly Option<bool> _json = new("--json") { Description = "One JSON object an exchange or queue instead of text" };

    /// <summary>Creates it.</summary>
    public TopologyCommand(GlobalOptions globals, Terminal terminal)
    {
        _globals = globals;
        _terminal = terminal;
        _action.AcceptOnlyFromAmong("show", "check", "declare");
        Command = new Command("topology", "Exchanges and queues of this product on the broker: what is declared, what differs, how much waits, who consumes.");
        Command.Arguments.Add(_action);
        Command.Options.Add(_json);
    }

    /// <inheritdoc/>
    public Command Command { get; }

    /// <inheritdoc/>
    public string Examples => """
        qwen3vl-batch topology
        qwen3vl-batch topology declare        before the first client sends
        qwen3vl-batch topology check || echo "commands would be lost"
        """;

    /// <inheritdoc/>
    public async Task<int> RunAsync(ParseResult call, CancellationToken cancellationToken)
    {
        Settings settings = _globals.Load(call, SettingsSections.Broker);
        string action = call.GetValue(_action) ?? "show";
        await using IConnection connection = await BrokerConnection.OpenAsync(settings.Broker, "qwen3vl-batch topology", cancellationToken).ConfigureAwait(false);
        if (action == "declare")
        {
            await Topology.DeclareAsync(connection, cancellationToken).ConfigureAwait(false);
        }

        IReadOnlyList<TopologyEntry> entries = await TopologyInspector.InspectAsync(connection, cancellationToken).ConfigureAwait(false);
        foreach (TopologyEntry entry in entries)
        {
            if (call.GetValue(_json))
            {
                _terminal.Json(entry);
            }
            else
            {
                Show(entry);
            }
        }

        bool good = entries.All(entry => entry.State == TopologyState.Declared);
        return good || action == "show" ? ExitCodes.Done : ExitCodes.Failed;
    }

    private void Show(TopologyEntry entry)
    {
        string counts = entry.Messages is { } messages
            ? string.Create(CultureInfo.InvariantCulture, $"  {messages} messages, {entry.Consumers} consumers")
            : "";
        string problem = entry.Problem is { } text ? $"  {text}" : "";
        _terminal.Line($"{entry.State.ToString().ToLowerInvariant(),-8}  {entry.Kind,-8}  {entry.Name}{counts}{problem}");
    }
}
