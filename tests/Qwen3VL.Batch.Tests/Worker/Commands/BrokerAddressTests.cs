using Qwen3VL.Batch.Worker.Commands;
using Shouldly;
using Xunit;

namespace Qwen3VL.Batch.Tests.Worker.Commands;

public sealed class BrokerAddressTests
{
    [Fact]
    public void Parse_WholeAddress_GivesEveryKey()
    {
        IReadOnlyDictionary<string, string> keys = BrokerAddress.Parse("amqp://m%40e@mq.example:5673/my%2Fhost");

        keys.ShouldBe(
            new Dictionary<string, string>
            {
                ["Broker:Host"] = "mq.example",
                ["Broker:Port"] = "5673",
                ["Broker:User"] = "m@e",
                ["Broker:VirtualHost"] = "my/host",
            },
            ignoreOrder: true);
    }

    [Fact]
    public void Parse_HostOnly_LeavesTheRestAsConfigured() => BrokerAddress.Parse("amqp://mq").Keys.ShouldBe(["Broker:Host"]);

    [Fact]
    public void Parse_AddressOfTls_TurnsItOn() => BrokerAddress.Parse("amqps://mq").ShouldBe(
        new Dictionary<string, string> { ["Broker:Host"] = "mq", ["Broker:Tls"] = "On", ["Broker:Port"] = "5671" }, ignoreOrder: true);

    [Theory]
    [InlineData("amqp://me:secret@mq")]
    [InlineData("amqps://:secret@mq:5671/host")]
    public void Parse_Password_IsRefusedAndNotRepeated(string address)
    {
        CommandException exception = Should.Throw<CommandException>(() => BrokerAddress.Parse(address));

        exception.ExitCode.ShouldBe(ExitCodes.Usage);
        exception.Message.ShouldStartWith("--broker must hold no password");
        exception.Message.ShouldNotContain("secret");
    }

    [Theory]
    [InlineData("http://me:secret@mq")]
    [InlineData("mq:5672")]
    [InlineData("amqp://me:secret@mq/?heartbeat=1")]
    [InlineData("")]
    public void Parse_SomethingElse_IsAUsageErrorWithoutThePassword(string address)
    {
        CommandException exception = Should.Throw<CommandException>(() => BrokerAddress.Parse(address));

        exception.ExitCode.ShouldBe(ExitCodes.Usage);
        exception.Message.ShouldNotContain("secret");
    }
}
