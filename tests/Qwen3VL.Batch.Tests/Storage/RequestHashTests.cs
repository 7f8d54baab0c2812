using Qwen3VL.Batch.Contracts.V1;
using Qwen3VL.Batch.Storage;
using Shouldly;
using Xunit;

namespace Qwen3VL.Batch.Tests.Storage;

public sealed class RequestHashTests
{
    private static readonly DateTimeOffset Noon = new(2026, 1, 2, 12, 0, 0, TimeSpan.Zero);

    private static readonly SubmitJob Command = new()
    {
        IdempotencyKey = "k",
        Kind = JobKind.Document,
        Source = new JobSource { Uri = "a.pdf" },
        Tasks = [new JobTask { Kind = JobTaskKind.Grounding, Labels = ["cat", "dog"] }],
        DeadlineAt = Noon,
    };

    [Fact]
    public void Of_OnlyTheTimeOfSendingDiffers_IsEqual()
    {
        SubmitJob later = Command with { OccurredAt = Noon, DeadlineAt = Noon.ToOffset(TimeSpan.FromHours(5)) };

        RequestHash.Of(later).ShouldBe(RequestHash.Of(Command));
        RequestHash.Of(Command).Length.ShouldBe(32);
    }

    [Fact]
    public void Of_AnythingElseDiffers_IsAnother()
    {
        SubmitJob[] others =
        [
            Command with { Priority = 4 },
            Command with { Kind = JobKind.Video },
            Command with { DeadlineAt = null },
            Command with { Options = new JobOptions { Seed = 1 } },
            Command with { Source = new JobSource { Uri = "a.pdf", Sha256 = "0" } },
            Command with { Tasks = [new JobTask { Kind = JobTaskKind.Grounding, Labels = ["dog", "cat"] }] },
        ];

        others.Append(Command).Select(command => Convert.ToHexString(RequestHash.Of(command))).ShouldBeUnique();
    }

    [Fact]
    public void Of_CommandThatBreaksTheContract_StillHashes()
    {
        // What a hostile sender can make of the record; it is refused, and the refusal needs a hash.
        SubmitJob broken = Command with { Source = null!, Tasks = null!, Options = new JobOptions { Temperature = double.NaN } };

        RequestHash.Of(broken).Length.ShouldBe(32);
    }
}
