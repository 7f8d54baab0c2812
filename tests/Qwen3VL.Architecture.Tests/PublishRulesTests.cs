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

    [Fact]
    public void CancellablePublishes_Tests_AreNotNamed() =>
        PublishRules.CancellablePublishes([new RepositoryFile("tests/A.cs", "channel.BasicPublishAsync(a)")]).ShouldBeEmpty();
}
