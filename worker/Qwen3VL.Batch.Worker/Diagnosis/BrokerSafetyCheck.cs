using System.Globalization;
using System.Text.RegularExpressions;
using MassTransit;
using Qwen3VL.Batch.Messaging;
using Qwen3VL.Batch.Worker.Composition;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace Qwen3VL.Batch.Worker.Diagnosis;

/// <summary>
/// What is dangerous about a broker that answers: dead letters that would go nowhere, a consumer timeout shorter than commands may wait, a
/// version of the library that needs a licence. Declares nothing. Says nothing when the broker does not answer: another check does.
/// </summary>
internal sealed partial class BrokerSafetyCheck(TimeProvider timeProvider) : ICheck
{
    // The broker looks once a minute, so it may act up to a minute early or late.
    private static readonly TimeSpan TimeoutReserve = TimeSpan.FromMinutes(1);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<CheckResult>> RunAsync(Settings settings, CancellationToken cancellationToken)
    {
        try
        {
            await using IConnection connection = await BrokerConnection.OpenAsync(settings.Broker, "qwen3vl-batch doctor", cancellationToken).ConfigureAwait(false);
            return [await DeadLettersAsync(connection, cancellationToken).ConfigureAwait(false), await ConsumerTimeoutAsync(settings, cancellationToken).ConfigureAwait(false), Library()];
        }
        catch (BrokerException)
        {
            return [];
        }
    }

    /// <summary>Judges what rabbitmqctl answered; null when it did not.</summary>
    internal static CheckResult JudgeTimeout(string? answer)
    {
        if (answer is null || Milliseconds().Match(answer) is not { Success: true } match)
        {
            return new CheckResult(
                "consumer timeout",
                CheckLevel.Ok,
                FormattableString.Invariant($"not readable over AMQP; must be at least {CommandGate.WaitLimit.TotalMinutes + TimeoutReserve.TotalMinutes:0} min, RabbitMQ's default is 30"));
        }

        TimeSpan timeout = TimeSpan.FromMilliseconds(long.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture));
        string message = FormattableString.Invariant($"{timeout.TotalMinutes:0.#} min, as rabbitmqctl tells of the node on this machine");
        return timeout >= CommandGate.WaitLimit + TimeoutReserve
            ? new CheckResult("consumer timeout", CheckLevel.Ok, message)
            : new CheckResult(
                "consumer timeout",
                CheckLevel.Fail,
                message,
                FormattableString.Invariant($"set consumer_timeout to {CommandGate.WaitLimit.TotalMinutes + TimeoutReserve.TotalMinutes:0} min or more: commands wait as long for a database that is away"));
    }

    private static async Task<CheckResult> DeadLettersAsync(IConnection connection, CancellationToken cancellationToken)
    {
        bool commands = await IsThereAsync(connection, (channel, token) => channel.QueueDeclarePassiveAsync(BrokerNames.Commands, token), cancellationToken).ConfigureAwait(false);
        bool queue = await IsThereAsync(connection, (channel, token) => channel.QueueDeclarePassiveAsync(BrokerNames.Dead, token), cancellationToken).ConfigureAwait(false);
        bool exchange = await IsThereAsync(connection, (channel, token) => channel.ExchangeDeclarePassiveAsync(BrokerNames.Dead, token), cancellationToken).ConfigureAwait(false);
        return (commands, queue && exchange) switch
        {
            (_, true) => new CheckResult("dead letters", CheckLevel.Ok, $"exchange and queue {BrokerNames.Dead} are there"),
            (false, false) => new CheckResult("dead letters", CheckLevel.Warn, "nothing is declared yet", "start a worker: it declares queues and exchanges"),
            _ => new CheckResult(
                "dead letters",
                CheckLevel.Fail,
                $"{BrokerNames.Commands} is there, exchange or queue {BrokerNames.Dead} is not: commands that cannot be handled are lost",
                "start a worker: it declares what is missing"),
        };
    }

    // A name that is missing closes the channel, so each question has one of its own.
    private static async Task<bool> IsThereAsync(IConnection connection, Func<IChannel, CancellationToken, Task> ask, CancellationToken cancellationToken)
    {
        await using IChannel channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken).ConfigureAwait(false);
        try
        {
            await ask(channel, cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (OperationInterruptedException)
        {
            return false;
        }
    }

    private static CheckResult Library()
    {
        Version version = typeof(IBus).Assembly.GetName().Version ?? new Version(0, 0);
        return version.Major < 9
            ? new CheckResult("MassTransit", CheckLevel.Ok, version.ToString(3))
            : new CheckResult("MassTransit", CheckLevel.Fail, $"{version.ToString(3)}; 9 and later need a paid licence", "build with the version that Directory.Packages.props pins");
    }

    private async Task<CheckResult> ConsumerTimeoutAsync(Settings settings, CancellationToken cancellationToken)
    {
        string[] question = ["-q", "eval", "application:get_env(rabbit, consumer_timeout)."];
        string? answer = DatabaseAddress.IsLocal(settings.Broker.Host)
            ? await ProgramOutput.ReadAsync("rabbitmqctl", question, timeProvider, cancellationToken).ConfigureAwait(false)
            : null;
        return JudgeTimeout(answer);
    }

    [GeneratedRegex(@"^\{ok,\s*([0-9]+)\}", RegexOptions.CultureInvariant)]
    private static partial Regex Milliseconds();
}
