using System.Globalization;
using Qwen3VL.Batch.Messaging;
using Qwen3VL.Batch.Worker.Commands;
using Qwen3VL.Batch.Worker.Output;
using Qwen3VL.TestKit.Servers;
using Shouldly;
using Xunit;

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

    private async Task<(int Exit, string Printed)> RunAsync(params string[] arguments)
    {
        string address = string.Create(CultureInfo.InvariantCulture, $"amqp://{_server.User}:{_server.Password}@{_server.Host}:{_server.Port}");
        using var output = new StringWriter();
        using var error = new StringWriter();
        int exit = await new BatchCommandLine(new Terminal(output, error, outIsTerminal: false, errorIsTerminal: false), TimeProvider.System, new ProcessConnections(TimeProvider.System))
            .RunAsync([.. arguments, "--broker", address], CancellationToken.None);
        return (exit, output.ToString());
    }
}
