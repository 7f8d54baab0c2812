using System.Globalization;
using System.Text.RegularExpressions;
using Qwen3VL.Batch.Messaging;
using Qwen3VL.Batch.Worker.Composition;

namespace Qwen3VL.Batch.Worker.Diagnosis;

/// <summary>
/// The node that <c>rabbitmqctl</c> on this machine asks when nobody names one. It need not be the one behind <c>Broker:Port</c>, so every answer
/// comes with the ports of the one that gave it.
/// </summary>
internal static partial class LocalNode
{
    // The protocols are amqp and 'amqp/ssl'; a list of bare numbers could be printed as text.
    private const string Ports =
        "[{port, P} || {listener, _, N, _, _, P, _} <- rabbit_networking:node_listeners(node()), lists:prefix(\"amqp\", atom_to_list(N))]";

    /// <summary>Asks; null when the broker is on another machine, or <c>rabbitmqctl</c> is not there, may not or has no node to ask.</summary>
    public static async Task<NodeAnswer?> AskAsync(BrokerOptions broker, string expression, TimeProvider time, CancellationToken cancellationToken) =>
        DatabaseAddress.IsLocal(broker.Host)
            ? Parse(await ProgramOutput.ReadAsync("rabbitmqctl", ["-q", "eval", Question(expression)], time, cancellationToken).ConfigureAwait(false))
            : null;

    /// <summary>The expression with the ports beside it, as <c>rabbitmqctl eval</c> takes it.</summary>
    internal static string Question(string expression) => $"{{answer, {Ports}, {expression}}}.";

    /// <summary>Why this answer says nothing about the broker at the port; null when it does.</summary>
    public static string? Mismatch(NodeAnswer answer, int port) => answer.Ports.Contains(port)
        ? null
        : string.Create(
            CultureInfo.InvariantCulture,
            $"rabbitmqctl on this machine asks a node with AMQP port {(answer.Ports.Count == 0 ? "none" : string.Join(" and ", answer.Ports))}; Broker:Port is {port}");

    /// <summary>Reads what it printed; null when that is no answer.</summary>
    internal static NodeAnswer? Parse(string? printed) => printed is not null && Answer().Match(printed) is { Success: true } match
        ? new NodeAnswer(
            [.. Port().Matches(match.Groups["ports"].Value).Select(port => int.Parse(port.Groups[1].Value, CultureInfo.InvariantCulture))],
            match.Groups["value"].Value)
        : null;

    [GeneratedRegex(@"^\{answer,\s*\[(?<ports>[^\]]*)\],\s*(?<value>.*)\}\s*$", RegexOptions.CultureInvariant | RegexOptions.Singleline)]
    private static partial Regex Answer();

    [GeneratedRegex(@"\{port,\s*([0-9]+)\}", RegexOptions.CultureInvariant)]
    private static partial Regex Port();
}
