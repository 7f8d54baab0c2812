using System.Globalization;
using Qwen3VL.Batch.Messaging;
using Qwen3VL.Batch.Worker.Commands;
using Qwen3VL.Batch.Worker.Diagnosis;
using Qwen3VL.TestKit.Servers;
using RabbitMQ.Client;
using Shouldly;
using Xunit;
using static System.FormattableString;

namespace Qwen3VL.Batch.IntegrationTests.Commands;

public sealed class TopologyCommandTests : IAsyncLifetime
{
    private PrivateRabbitMq _server = null!; // set before each test

    public async Task InitializeAsync() => _server = await PrivateRabbitMq.StartAsync();

    public async Task DisposeAsync() => await _server.DisposeAsync();

    [Fact]
    public async Task Topology_NewBroker_IsMissingUntilItIsDeclared()
    {
        (int exit, string printed) = await RunAsync("topology", "check");
        exit.ShouldBe(ExitCodes.Failed);
        printed.ShouldContain("missing   queue     vq.commands");
        (await RunAsync("topology")).Exit.ShouldBe(ExitCodes.Done);

        (exit, printed) = await RunAsync("topology", "declare");
        exit.ShouldBe(ExitCodes.Done);
        printed.ShouldContain("declared  queue     vq.commands  0 messages, 0 consumers");
        printed.ShouldContain($"declared  exchange  {BrokerNames.Control}");
        (await RunAsync("topology", "check", "--json")).Exit.ShouldBe(ExitCodes.Done);
        (await RunAsync("doctor")).Printed.ShouldContain("ok    broker");
    }

    [Fact]
    public async Task Doctor_BrokerWithAnAlarm_SaysThatItTakesNothing()
    {
        await _server.ControlAsync("set_disk_free_limit", "900GB");

        (int exit, string printed) = await RunAsync("doctor");

        exit.ShouldBe(ExitCodes.Failed);
        printed.ShouldContain("fail  broker       the broker takes no messages");
    }

    [Fact]
    public async Task Doctor_CommandQueueOfOtherArguments_Fails()
    {
        await using (IConnection connection = await BrokerConnection.OpenAsync(Options(_server.User), "test", CancellationToken.None))
        await using (IChannel channel = await connection.CreateChannelAsync())
        {
            await channel.ExchangeDeclareAsync(BrokerNames.Dead, ExchangeType.Fanout, durable: true);
            _ = await channel.QueueDeclareAsync(BrokerNames.Dead, durable: true, exclusive: false, autoDelete: false, new Dictionary<string, object?>(BrokerNames.DeadQueueArguments));
            _ = await channel.QueueDeclareAsync(BrokerNames.Commands, durable: true, exclusive: false, autoDelete: false);
        }

        (await RunAsync("topology", "check")).Printed.ShouldContain("differs   queue     vq.commands");
        (await RunAsync("doctor")).Printed.ShouldContain("fail  dead letters queue vq.commands differs");
    }

    [Fact]
    public async Task Doctor_NodeOfRabbitmqctl_IsJudgedWhenItIsTheBrokersAndNotWhenItIsAnother()
    {
        await using PrivateRabbitMq other = await PrivateRabbitMq.StartAsync("consumer_timeout = 60000");

        (await RunAsync(NodeOf(_server), "doctor")).Printed.ShouldContain(Invariant($"ok    consumer timeout 30 min, as rabbitmqctl tells of the node at port {_server.Port}"));
        string mismatch = Invariant($"rabbitmqctl on this machine asks a node with AMQP port {other.Port}; Broker:Port is {_server.Port}");
        (await RunAsync(NodeOf(other), "doctor")).Printed.ShouldContain($"warn  consumer timeout not readable: {mismatch}");
    }

    [Fact]
    public async Task DeadLimit_PolicyOfTheQueue_IsWhatTheNodeAnswers()
    {
        (await LimitAsync()).ShouldBe("missing");
        (await RunAsync("topology", "declare")).Exit.ShouldBe(ExitCodes.Done);
        (await LimitAsync()).ShouldBe("none");
        await _server.ControlAsync("set_policy", "-p", _server.VirtualHost, "vq-dead", @"^vq\.dead$", """{"delivery-limit": 50}""", "--apply-to", "queues");
        (await LimitAsync()).ShouldBe("50");
        (await RunAsync(NodeOf(_server), "doctor")).Printed.ShouldSatisfyAllConditions(
            printed => printed.ShouldContain("warn  delivery limit a policy drops a dead letter that comes back 50 times"),
            printed => printed.ShouldContain("ok    consumer timeout 30 min"));

        async Task<string> LimitAsync()
        {
            string[] pairs = [.. _server.BrokerEnvironment.Select(pair => $"{pair.Key}={pair.Value}")];
            string[] command = [.. pairs, ServerPrograms.RabbitMq("rabbitmqctl"), "-q", "eval", LocalNode.Question(DeadLimit.Question(_server.VirtualHost))];
            NodeAnswer answer = LocalNode.Parse(await ProgramOutput.ReadAsync("env", command, TimeProvider.System, default)).ShouldHaveSingleItem();
            LocalNode.Mismatch(answer, _server.Port).ShouldBeNull();
            return answer.Value;
        }
    }

    [Fact]
    public async Task Topology_UserWhoMayNotConfigure_SeesWhatIsThereAndWhyNotMore()
    {
        const string User = "viewer";
        (await RunAsync("topology", "declare")).Exit.ShouldBe(ExitCodes.Done);
        await _server.ControlAsync("add_user", User, _server.Password);
        await _server.ControlAsync("set_permissions", "-p", _server.VirtualHost, User, "^$", ".*", ".*");

        (int exit, string printed) = await RunAsAsync(User, "topology");

        exit.ShouldBe(ExitCodes.Done, printed);
        printed.ShouldContain("declared  queue     vq.commands  0 messages, 0 consumers  ACCESS_REFUSED");
        (await RunAsAsync(User, "topology", "declare")).Exit.ShouldBe(ExitCodes.Unreachable);
    }

    private Task<(int Exit, string Printed)> RunAsync(string command, params string[] arguments) => RunAsAsync(_server.User, [command, .. arguments]);

    // What makes rabbitmqctl without a name of a node ask this one.
    private static Dictionary<string, string> NodeOf(PrivateRabbitMq server) => new(server.BrokerEnvironment)
    {
        ["PATH"] = $"{Path.GetDirectoryName(ServerPrograms.RabbitMq("rabbitmqctl"))}:{Environment.GetEnvironmentVariable("PATH")}",
    };

    private Task<(int Exit, string Printed)> RunAsync(IReadOnlyDictionary<string, string> environment, params string[] arguments) =>
        RunAsAsync(_server.User, environment, arguments);

    private BrokerOptions Options(string user) => new() { Host = _server.Host, Port = _server.Port, VirtualHost = _server.VirtualHost, User = user, Password = _server.Password };

    private Task<(int Exit, string Printed)> RunAsAsync(string user, params string[] arguments) => RunAsAsync(user, new Dictionary<string, string>(), arguments);

    private async Task<(int Exit, string Printed)> RunAsAsync(string user, IReadOnlyDictionary<string, string> environment, params string[] arguments)
    {
        string address = string.Create(CultureInfo.InvariantCulture, $"amqp://{user}@{_server.Host}:{_server.Port}");
        ProgramRun run = await ProgramRun.RunAsync(new Dictionary<string, string>(environment) { ["QWEN3VL_Broker__Password"] = _server.Password }, [.. arguments, "--broker", address]);
        return (run.ExitCode, run.Output);
    }
}
