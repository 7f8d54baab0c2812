using System.Globalization;
using System.Text;
using Qwen3VL.Batch.Messaging;
using RabbitMQ.Client;

namespace Qwen3VL.Batch.Worker.Diagnosis;

/// <summary>
/// The delivery limit of <c>vq.dead</c>. From RabbitMQ 4 on a quorum queue without a limit gets one of 20 and, without a dead-letter exchange, drops what goes
/// beyond it; only a policy lifts it (ADR 0006).
/// </summary>
internal static class DeadLimit
{
    private const int FirstVersionWithALimit = 4;

    private const string Name = "delivery limit";

    private const string Lift = """rabbitmqctl set_policy vq-dead '^vq\.dead$' '{"delivery-limit": -1}' --apply-to queues""";

    /// <summary>What the broker says of its version as it greets; null when it says nothing.</summary>
    public static string? VersionOf(IConnection broker)
    {
        object? value = null;
        return broker.ServerProperties?.TryGetValue("version", out value) == true && value is byte[] bytes ? Encoding.UTF8.GetString(bytes) : null;
    }

    /// <summary>Whether the limit has to be looked for; an unknown version may be a new one.</summary>
    public static bool Matters(string? version) =>
        !int.TryParse(version?.Split('.')[0], NumberStyles.None, CultureInfo.InvariantCulture, out int major) || major >= FirstVersionWithALimit;

    /// <summary>The question to the node: the limit that policies give the queue, <c>none</c>, or <c>missing</c> when there is no queue.</summary>
    public static string Question(string virtualHost)
    {
        // As bytes: nothing in a name can end the literal.
        string host = string.Join(',', Encoding.UTF8.GetBytes(virtualHost));
        return $"case rabbit_amqqueue:lookup(rabbit_misc:r(<<{host}>>, queue, <<\"{BrokerNames.Dead}\">>)) of {{ok, Q}} -> "
            + "case rabbit_policy:effective_definition(Q) of L when is_list(L) -> proplists:get_value(<<\"delivery-limit\">>, L, none); "
            + "M when is_map(M) -> maps:get(<<\"delivery-limit\">>, M, none); _ -> none end; _ -> missing end";
    }

    /// <summary>Judges it.</summary>
    /// <param name="version">The broker's.</param>
    /// <param name="answer">To <see cref="Question"/>; null when the node was not asked or did not answer.</param>
    /// <param name="port">The broker's.</param>
    public static CheckResult Judge(string? version, NodeAnswer? answer, int port)
    {
        if (!Matters(version))
        {
            return new CheckResult(Name, CheckLevel.Ok, $"RabbitMQ {version} gives {BrokerNames.Dead} none; from {FirstVersionWithALimit}.0 on a policy has to lift it");
        }

        string? unseen = answer is null ? "policies are not readable over AMQP" : LocalNode.Mismatch(answer, port);
        if (answer is null || unseen is not null)
        {
            return new CheckResult(
                Name,
                CheckLevel.Warn,
                $"not checked, {unseen}; RabbitMQ {version} drops a dead letter that comes back 20 times, unless a policy lifts the limit",
                $"on the broker's machine: {Lift}");
        }

        return answer.Value.Trim() switch
        {
            "missing" => new CheckResult(Name, CheckLevel.Warn, $"not checked, queue {BrokerNames.Dead} is not there yet", "start a worker, which declares it, and run doctor again"),
            "none" => new CheckResult(Name, CheckLevel.Warn, $"no policy lifts that of {BrokerNames.Dead}: RabbitMQ {version} drops a dead letter that comes back 20 times", Lift),
            ['-', ..] => new CheckResult(Name, CheckLevel.Ok, $"a policy lifts that of {BrokerNames.Dead}"),
            var limit => new CheckResult(Name, CheckLevel.Warn, $"a policy drops a dead letter that comes back {limit} times", Lift),
        };
    }
}
