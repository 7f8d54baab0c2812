using Shouldly;
using Xunit;

namespace Qwen3VL.Architecture.Tests;

public sealed class PublishRulesTests
{
    [Theory]
    [InlineData("await channel.BasicPublishAsync(a, b, token);", 1)]
    [InlineData("await channel.BasicPublishAsync(a, Name(b), CancellationToken.None);", 0)]
    [InlineData("await endpoint.Send(message, context => Fill(context), cancellationToken);", 1)]
    [InlineData("await endpoint.Send(message, context => Fill(context), CancellationToken.None);", 0)]
    [InlineData("await bus.Publish(message);", 1)]
    [InlineData("await next.Send(context);", 0)]
    public void CancellablePublishes_Sample_IsNamedWhenItCanBeCut(string code, int offenders) =>
        PublishRules.CancellablePublishes([new RepositoryFile("worker/A.cs", code)]).Count.ShouldBe(offenders);

    [Theory]
    [InlineData("await bus.GetSendEndpoint(BrokerNames.Address(BrokerNames.Wake));", 0)]
    [InlineData("await bus.GetSendEndpoint(new Uri(\"exchange:vq.wake\"));", 1)]
    [InlineData("await bus.GetSendEndpoint(address);", 1)]
    [InlineData("public static Uri Address(string queue) => new($\"queue:{queue}\");", 1)]
    [InlineData("/// <summary>Never <c>queue:</c>.</summary>", 0)]
    public void AddressesOfQueues_Sample_IsNamedWhenItIsNoExchangesAddress(string code, int offenders) =>
        PublishRules.AddressesOfQueues([new RepositoryFile("worker/A.cs", code)]).Count.ShouldBe(offenders);

    [Fact]
    public void CancellablePublishes_Tests_AreNotNamed() =>
        PublishRules.CancellablePublishes([new RepositoryFile("tests/A.cs", "channel.BasicPublishAsync(a)")]).ShouldBeEmpty();
}
