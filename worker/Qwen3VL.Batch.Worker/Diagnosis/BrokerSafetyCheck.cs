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
internal sealed class BrokerSafetyCheck(TimeProvider timeProvider) : ICheck
{
    /// <inheritdoc/>
    public async Task<IReadOnlyList<CheckResult>> RunAsync(Settings settings, CancellationToken cancellationToken)
    {
        try
        {
            await using IConnection connection = await BrokerConnection.OpenAsync(settings.Broker, "qwen3vl-batch doctor", cancellationToken).ConfigureAwait(false);
            IReadOnlyList<TopologyEntry> entries = await TopologyInspector.InspectAsync(connection, cancellationToken).ConfigureAwait(false);
            string? version = BrokerVersion.Of(connection);
            string host = settings.Broker.VirtualHost;
            IReadOnlyList<NodeAnswer> answers = await LocalNode.AskAsync(
                settings.Broker, timeProvider, [ConsumerTimeout.Question, ConsumerTimeout.PolicyQuestion(host), DeadLimit.Question(host)], cancellationToken).ConfigureAwait(false);
            return
            [
                JudgeDeadLetters(entries),
                DeadLimit.Judge(version, answers.ElementAtOrDefault(2), settings.Broker.Port),
                ConsumerTimeout.Judge(version, answers.ElementAtOrDefault(0), answers.ElementAtOrDefault(1), settings.Broker.Port),
                JudgeLibrary(typeof(IBus).Assembly.GetName().Version ?? new Version(0, 0, 0)),
            ];
        }
        catch (Exception exception) when (exception is BrokerException or OperationInterruptedException)
        {
            return [];
        }
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
}
