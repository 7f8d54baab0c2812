using Qwen3VL.Batch.Messaging;

namespace Qwen3VL.Batch.Worker.Diagnosis;

/// <summary>
/// The delivery limit of <c>vq.dead</c>, which has no dead-letter exchange: what goes beyond it is dropped. A policy can give it one in any version. From
/// RabbitMQ 4 on a quorum queue without a limit gets one of 20, and only a policy lifts it (ADR 0006).
/// </summary>
internal static class DeadLimit
{
    private const int FirstVersionWithALimit = 4;

    private const string Name = "delivery limit";

    private const string Lift = """rabbitmqctl set_policy vq-dead '^vq\.dead$' '{"delivery-limit": -1}' --apply-to queues""";

    /// <summary>The question to the node.</summary>
    public static string Question(string virtualHost) => QueuePolicy.Question(virtualHost, BrokerNames.Dead, "delivery-limit");

    /// <summary>Judges it.</summary>
    /// <param name="version">The broker's.</param>
    /// <param name="answer">To <see cref="Question"/>; null when the node was not asked or did not answer.</param>
    /// <param name="port">The broker's.</param>
    public static CheckResult Judge(string? version, NodeAnswer? answer, int port)
    {
        bool isLimited = BrokerVersion.IsAtLeast(version, FirstVersionWithALimit, 0);
        string? unseen = answer is null ? "policies are not readable over AMQP" : LocalNode.Mismatch(answer, port);
        string value = answer is null || unseen is not null ? "" : answer.Value.Trim();
        if (!isLimited && value is ("" or QueuePolicy.None or QueuePolicy.Missing))
        {
            string policies = unseen is null ? "" : $"; policies not checked, {unseen}";
            return new CheckResult(Name, CheckLevel.Ok, $"RabbitMQ {version} gives {BrokerNames.Dead} none; from {FirstVersionWithALimit}.0 on a policy has to lift it{policies}");
        }

        return value switch
        {
            "" => new CheckResult(
                Name,
                CheckLevel.Warn,
                $"not checked, {unseen}; RabbitMQ {version} drops a dead letter that comes back 20 times, unless a policy lifts the limit",
                $"on the broker's machine: {Lift}"),
            QueuePolicy.Missing => new CheckResult(Name, CheckLevel.Warn, $"not checked, queue {BrokerNames.Dead} is not there yet", "start a worker, which declares it, and run doctor again"),
            QueuePolicy.None => new CheckResult(Name, CheckLevel.Warn, $"no policy lifts that of {BrokerNames.Dead}: RabbitMQ {version} drops a dead letter that comes back 20 times", Lift),
            ['-', ..] => new CheckResult(Name, CheckLevel.Ok, $"a policy lifts that of {BrokerNames.Dead}"),
            _ => new CheckResult(Name, CheckLevel.Warn, $"a policy drops a dead letter that comes back {value} times", Lift),
        };
    }
}
