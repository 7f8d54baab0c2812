using System.Globalization;
using System.Text.RegularExpressions;
using Qwen3VL.Batch.Messaging;

namespace Qwen3VL.Batch.Worker.Diagnosis;

/// <summary>
/// How long the broker lets a command wait for its answer. Commands wait for a database that is away, so a timeout that is shorter takes them back in
/// the middle. The node has one for all queues; from RabbitMQ 3.12 on a policy on the queue goes before it.
/// </summary>
internal static partial class ConsumerTimeout
{
    /// <summary>The question for the node's own.</summary>
    public const string Question = "application:get_env(rabbit, consumer_timeout)";

    private const string Name = "consumer timeout";

    private const string Advice = $"eval '{Question}.'";

    // The broker looks once a minute, so it may act up to a minute early or late.
    private static readonly TimeSpan Reserve = TimeSpan.FromMinutes(1);

    /// <summary>The question for the policy's.</summary>
    public static string PolicyQuestion(string virtualHost) => QueuePolicy.Question(virtualHost, BrokerNames.Commands, "consumer-timeout");

    /// <summary>Judges it.</summary>
    /// <param name="version">The broker's.</param>
    /// <param name="answer">To <see cref="Question"/>; null when the node was not asked or did not answer.</param>
    /// <param name="policy">To <see cref="PolicyQuestion"/>; the same.</param>
    /// <param name="port">The broker's.</param>
    public static CheckResult Judge(string? version, NodeAnswer? answer, NodeAnswer? policy, int port)
    {
        TimeSpan least = CommandGate.WaitLimit + Reserve;
        string rule = FormattableString.Invariant($"must be at least {least.TotalMinutes:0} min, RabbitMQ's default is 30");
        if (answer is not null && LocalNode.Mismatch(answer, port) is { } mismatch)
        {
            return new CheckResult(Name, CheckLevel.Warn, $"not readable: {mismatch}; {rule}", $"rabbitmqctl --node NAME {Advice}");
        }

        if (answer is null || Set().Match(answer.Value) is not { Success: true } set)
        {
            return new CheckResult(Name, CheckLevel.Warn, $"not readable over AMQP; {rule}", $"on the broker's machine: rabbitmqctl {Advice}");
        }

        bool isOfPolicy = Milliseconds(policy?.Value) is not null && BrokerVersion.IsAtLeast(version, 3, 12);
        if (Milliseconds(isOfPolicy ? policy?.Value : set.Groups["value"].Value) is not { } timeout)
        {
            return new CheckResult(Name, CheckLevel.Ok, "none is set");
        }

        string source = isOfPolicy ? $" by a policy on {BrokerNames.Commands}" : "";
        string message = FormattableString.Invariant($"{timeout.TotalMinutes:0.#} min{source}, as rabbitmqctl tells of the node at port {port}");
        return timeout >= least
            ? new CheckResult(Name, CheckLevel.Ok, message)
            : new CheckResult(
                Name,
                CheckLevel.Fail,
                message,
                FormattableString.Invariant($"set it to {least.TotalMinutes:0} min or more: commands wait as long for a database that is away"));
    }

    private static TimeSpan? Milliseconds(string? value) =>
        long.TryParse(value?.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out long milliseconds) ? TimeSpan.FromMilliseconds(milliseconds) : null;

    // A number, or undefined for one that was switched off.
    [GeneratedRegex(@"^\{ok,\s*(?<value>[0-9]+|undefined)\}", RegexOptions.CultureInvariant)]
    private static partial Regex Set();
}
