using System.Text;
using Qwen3VL.Batch.Messaging;
using Shouldly;
using Xunit;

namespace Qwen3VL.Batch.Tests.Messaging;

public sealed class CommandSenderTests
{
    private static readonly string Padding = new('a', 70_000);

    [Fact]
    public void Read_WholeBody_FindsBothWhereverTheyStand()
    {
        Read("""{"source":{"idempotencyKey":"inner"},"idempotencyKey":"k","tenantId":4}""").ShouldBe(new CommandSender(4, "k"));
        Read("""{"idempotencyKey":"k"}""").ShouldBe(new CommandSender(0, "k"));
        Read("{\"idempotencyKey\":\"a\\u0000b\"}").ShouldBe(new CommandSender(0, "ab"));
    }

    [Fact]
    public void Read_LargeBody_OnlyWhenBothStandAtItsBeginning()
    {
        Read($$"""{"tenantId":4,"idempotencyKey":"k","padding":"{{Padding}}"}""").ShouldBe(new CommandSender(4, "k"));
        Read($$"""{"idempotencyKey":"k","padding":"{{Padding}}","tenantId":4}""").ShouldBeNull();
    }

    [Theory]
    [InlineData("")]
    [InlineData("not json")]
    [InlineData("[1]")]
    [InlineData("{}")]
    [InlineData("{\"idempotencyKey\":7}")]
    [InlineData("{\"idempotencyKey\":\"\"}")]
    [InlineData("{\"idempotencyKey\":\"\\ud800\"}")]
    [InlineData("{\"idempotencyKey\":\"k\"")]
    public void Read_NoKeyOrNoObject_IsNobody(string body) => Read(body).ShouldBeNull();

    [Theory]
    [InlineData("{\"tenantId\":7}", 7)]
    [InlineData("{\"tenantId\":-7}", 0)]
    [InlineData("{\"tenantId\":\"7\"}", 0)]
    [InlineData("{\"x\":{\"tenantId\":7}}", 0)]
    [InlineData("nonsense", 0)]
    public void Tenant_OfABody_IsItsOwnOrNobodys(string body, long tenant) => CommandSender.Tenant(Encoding.UTF8.GetBytes(body)).ShouldBe(tenant);

    private static CommandSender? Read(string body) => CommandSender.Read(Encoding.UTF8.GetBytes(body));
}
