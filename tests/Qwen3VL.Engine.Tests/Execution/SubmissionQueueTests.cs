using Qwen3VL.Engine.Execution;
using Shouldly;
using Xunit;

namespace Qwen3VL.Engine.Tests.Execution;

public sealed class SubmissionQueueTests
{
    [Fact]
    public async Task EnterAsync_NoPlace_WaitsForOne()
    {
        var queue = new SubmissionQueue(1, 100);
        await queue.EnterAsync(0, default);
        Task second = queue.EnterAsync(0, default);
        second.IsCompleted.ShouldBeFalse();
        queue.Leave(0);
        await second;
    }

    [Fact]
    public async Task EnterAsync_NoRoomForMedia_WaitsUntilEnoughHasLeft()
    {
        var queue = new SubmissionQueue(8, 100);
        await queue.EnterAsync(40, default);
        await queue.EnterAsync(60, default);
        Task third = queue.EnterAsync(50, default);
        queue.Leave(40);
        third.IsCompleted.ShouldBeFalse();
        queue.Leave(60);
        await third;
    }

    [Fact]
    public async Task EnterAsync_LargerThanTheBound_GoesWhenNoOtherMediaWait()
    {
        var queue = new SubmissionQueue(8, 100);
        await queue.EnterAsync(1, default);
        Task large = queue.EnterAsync(1_000, default);
        large.IsCompleted.ShouldBeFalse();
        queue.Leave(1);
        await large;
        Task behind = queue.EnterAsync(1, default);
        behind.IsCompleted.ShouldBeFalse();
        queue.Leave(1_000);
        await behind;
    }

    [Fact]
    public async Task EnterAsync_CancelledAtTheFront_LetsTheNextIn()
    {
        var queue = new SubmissionQueue(8, 100);
        await queue.EnterAsync(50, default);
        using var cancellation = new CancellationTokenSource();
        Task large = queue.EnterAsync(1_000, cancellation.Token);
        Task small = queue.EnterAsync(50, default);
        small.IsCompleted.ShouldBeFalse();
        cancellation.Cancel();
        await Should.ThrowAsync<OperationCanceledException>(large);
        await small;
    }

    [Fact]
    public async Task EnterAsync_CancelledAlready_TakesNothing()
    {
        var queue = new SubmissionQueue(1, 100);
        await Should.ThrowAsync<OperationCanceledException>(queue.EnterAsync(0, new CancellationToken(canceled: true)));
        await queue.EnterAsync(0, default);
    }
}
