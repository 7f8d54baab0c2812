using Qwen3VL.Batch.Storage;
using Shouldly;
using Xunit;

namespace Qwen3VL.Batch.Tests.Storage;

public sealed class PrioritySlackTests
{
    [Fact]
    public void Seconds_HigherPriority_WaitsLess()
    {
        double[] slack = [.. Enumerable.Range(0, 10).Select(PrioritySlack.Seconds)];

        slack.ShouldBe(slack.OrderDescending());
        slack.ShouldBeUnique();
        (slack[0], slack[5], slack[9]).ShouldBe((21_600, 600, 0));
    }
}
