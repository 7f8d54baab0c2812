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

    /// <summary>Asks all at once, because every call of <c>rabbitmqctl</c> starts a virtual machine.</summary>
    /// <returns>
    /// An answer to each, in order; none when the broker is on another machine, or <c>rabbitmqctl</c> is not there, may not or has no node to ask.
    /// </returns>
    public static async Task<IReadOnlyList<NodeAnswer>> AskAsync(BrokerOptions broker, TimeProvider time, IReadOnlyList<string> expressions, CancellationToken cancellationToken) =>
        DatabaseAddress.IsLocal(broker.Host)
            ? Parse(await ProgramOutput.ReadAsync("rabbitmqctl", ["-q", "eval", Question(expressions)], time, cancellationToken).ConfigureAwait(false))
            : [];

    /// <summary>The expressions with the ports before them, as <c>rabbitmqctl eval</c> takes them; each in a function, so that none sees another's variables.</summary>
    internal static string Question(params IReadOnlyList<string> expressions) =>
        $"{{answer, {Ports}, {string.Join(", ", expressions.Select(expression => $"(fun() -> {expression} end)()"))}}}.";

    /// <summary>Why this answer says nothing about the broker at the port; null when it does.</summary>
    public static string? Mismatch(NodeAnswer answer, int port) => answer.Ports.Contains(port)
        ? null
        : string.Create(
            CultureInfo.InvariantCulture,
            $"rabbitmqctl on this machine asks a node with AMQP port {(answer.Ports.Count == 0 ? "none" : string.Join(" and ", answer.Ports))}; Broker:Port is {port}");

    /// <summary>Reads what it printed; none when that is no answer.</summary>
    internal static IReadOnlyList<NodeAnswer> Parse(string? printed)
    {
        if (printed is null || Answer().Match(printed) is not { Success: true } match)
        {
            return [];
        }

        int[] ports = [.. Port().Matches(match.Groups["ports"].Value).Select(port => int.Parse(port.Groups[1].Value, CultureInfo.InvariantCulture))];
        return [.. match.Groups["value"].Captures.Select(value => new NodeAnswer(ports, value.Value))];
    }

    // A value is an atom, a number, or a tuple of these.
    [GeneratedRegex(@"^\{answer,\s*\[(?<ports>[^\]]*)\](?:,\s*(?<value>\{[^{}]*\}|[^,{}\s]+))+\}\s*$", RegexOptions.CultureInvariant)]
    private static partial Regex Answer();

    [GeneratedRegex(@"\{port,\s*([0-9]+)\}", RegexOptions.CultureInvariant)]
    private static partial Regex Port();
}
