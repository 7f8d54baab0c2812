using System.Globalization;
using System.Text.RegularExpressions;
using MassTransit;
using Qwen3VL.Batch.Messaging;
using Qwen3VL.Batch.Worker.Composition;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace Qwen3VL.Batch.Worker.Diagnosis;

/// <summary>
/// What is dangerous about a broker that answers: dead letters that would go nowhere or be dropped, a consumer timeout shorter than commands may wait, a
/// version of the library that needs a licence. Changes nothing. Says nothing when the broker does not answer: another check does.
/// </summary>
internal sealed partial class BrokerSafetyCheck(TimeProvider timeProvider) : ICheck
{
    private const string TimeoutQuestion = "application:get_env(rabbit, consumer_timeout)";
    private const string TimeoutAdvice = $"eval '{TimeoutQuestion}.'";

    // The broker looks once a minute, so it may act up to a minute early or late.
    private static readonly TimeSpan TimeoutReserve = TimeSpan.FromMinutes(1);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<CheckResult>> RunAsync(Settings settings, CancellationToken cancellationToken)
    {
        try
        {
            await using IConnection connection = await BrokerConnection.OpenAsync(settings.Broker, "qwen3vl-batch doctor", cancellationToken).ConfigureAwait(false);
            IReadOnlyList<TopologyEntry> entries = await TopologyInspector.InspectAsync(connection, cancellationToken).ConfigureAwait(false);
            NodeAnswer? timeout = await LocalNode.AskAsync(settings.Broker, TimeoutQuestion, timeProvider, cancellationToken).ConfigureAwait(false);
            string? version = DeadLimit.VersionOf(connection);
            string question = DeadLimit.Question(settings.Broker.VirtualHost);
            NodeAnswer? limit = DeadLimit.Matters(version)
                ? await LocalNode.AskAsync(settings.Broker, question, timeProvider, cancellationToken).ConfigureAwait(false)
                : null;
            return
            [
                JudgeDeadLetters(entries),
                DeadLimit.Judge(version, limit, settings.Broker.Port),
                JudgeTimeout(timeout, settings.Broker.Port),
                JudgeLibrary(typeof(IBus).Assembly.GetName().Version ?? new Version(0, 0, 0)),
            ];
        }
        catch (Exception exception) when (exception is BrokerException or OperationInterruptedException)
        {
            return [];
        }
    }

    /// <summary>Judges what rabbitmqctl answered, when it asked the node behind this port; null when it did not answer.</summary>
    internal static CheckResult JudgeTimeout(NodeAnswer? answer, int port)
    {
        TimeSpan least = CommandGate.WaitLimit + TimeoutReserve;
        string rule = FormattableString.Invariant($"must be at least {least.TotalMinutes:0} min, RabbitMQ's default is 30");
        if (answer is not null && LocalNode.Mismatch(answer, port) is { } mismatch)
        {
            return new CheckResult("consumer timeout", CheckLevel.Warn, $"not readable: {mismatch}; {rule}", $"rabbitmqctl --node NAME {TimeoutAdvice}");
        }

        if (answer is null || Milliseconds().Match(answer.Value) is not { Success: true } match)
        {
            return new CheckResult("consumer timeout", CheckLevel.Warn, $"not readable over AMQP; {rule}", $"on the broker's machine: rabbitmqctl {TimeoutAdvice}");
        }

        TimeSpan timeout = TimeSpan.FromMilliseconds(long.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture));
        string message = FormattableString.Invariant($"{timeout.TotalMinutes:0.#} min, as rabbitmqctl tells of the node at port {port}");
        return timeout >= least
            ? new CheckResult("consumer timeout", CheckLevel.Ok, message)
            : new CheckResult(
                "consumer timeout",
                CheckLevel.Fail,
                message,
                FormattableString.Invariant($"set consumer_timeout to {least.TotalMinutes:0} min or more: commands wait as long for a database that is away"));
    }

    /// <summary>Judges what the broker has: the queue of commands names where its dead letters go, so it must be ours and not only be there.</summary>
    internal static CheckResult JudgeDeadLetters(IReadOnlyList<TopologyEntry> entries)
    {
        TopologyEntry commands = entries.Single(entry => entry is { Kind: "queue", Name: BrokerNames.Commands });
        TopologyEntry[] dead = [.. entries.Where(entry => entry.Name == BrokerNames.Dead)];
        TopologyEntry[] all = [commands, .. dead];
        if (all.FirstOrDefault(entry => entry.State == TopologyState.Differs) is { } other)
        {
            return new CheckResult(
                "dead letters",
                CheckLevel.Fail,
                $"{other.Kind} {other.Name} differs from what this product declares, commands that cannot be handled may be lost: {other.Problem}",
                "remove the policy, or empty and delete it, and start a worker, which declares it");
        }

        if (dead.Any(entry => entry.State == TopologyState.Missing))
        {
            return commands.State == TopologyState.Missing
                ? new CheckResult("dead letters", CheckLevel.Warn, "nothing is declared yet", "start a worker: it declares queues and exchanges")
                : new CheckResult(
                    "dead letters",
                    CheckLevel.Fail,
                    $"{BrokerNames.Commands} is there, exchange or queue {BrokerNames.Dead} is not: commands that cannot be handled are lost",
                    "start a worker: it declares what is missing");
        }

        return all.FirstOrDefault(entry => entry.Problem is not null) is { } unseen
            ? new CheckResult("dead letters", CheckLevel.Warn, $"{unseen.Kind} {unseen.Name} is there, but cannot be compared: {unseen.Problem}", "run doctor as a user who may configure vq.*")
            : new CheckResult("dead letters", CheckLevel.Ok, $"exchange and queue {BrokerNames.Dead} are there");
    }

    /// <summary>Judges the version of MassTransit.</summary>
    internal static CheckResult JudgeLibrary(Version version) => version.Major < 9
        ? new CheckResult("MassTransit", CheckLevel.Ok, version.ToString(3))
        : new CheckResult("MassTransit", CheckLevel.Fail, $"{version.ToString(3)}; 9 and later need a paid licence", "build with the version that Directory.Packages.props pins");

    [GeneratedRegex(@"^\{ok,\s*([0-9]+)\}", RegexOptions.CultureInvariant)]
    private static partial Regex Milliseconds();
}
