using Npgsql;
using Qwen3VL.Batch.Jobs;
using Qwen3VL.Batch.Media.Processes;
using Qwen3VL.Batch.Pipeline;
using Qwen3VL.Batch.Results;
using Qwen3VL.Batch.Storage;
using Qwen3VL.Engine;
using Shouldly;
using Xunit;

namespace Qwen3VL.Batch.Tests.Pipeline;

public sealed class RetryPolicyTests
{
    private static readonly ChunkUsage Cost = ChunkUsage.None with { Requests = 2, OutputTokens = 5 };

    public static TheoryData<string, string> Classes => new()
    {
        { ErrorCodes.DecodeFailed, nameof(FailureClass.Content) },
        { ErrorCodes.DecodeTimeout, nameof(FailureClass.Content) },
        { ErrorCodes.OutputUnreadable, nameof(FailureClass.Content) },
        { ErrorCodes.ChunkTimeout, nameof(FailureClass.Content) },
        { ErrorCodes.SourceNotFound, nameof(FailureClass.Content) },
        { ErrorCodes.SourceRefused, nameof(FailureClass.Permanent) },
        { ErrorCodes.SourceChanged, nameof(FailureClass.Permanent) },
        { ErrorCodes.UnsupportedMedia, nameof(FailureClass.Permanent) },
        { ErrorCodes.InvalidCommand, nameof(FailureClass.Permanent) },
        { ErrorCodes.LimitExceeded, nameof(FailureClass.Permanent) },
        { ErrorCodes.DeadlineExceeded, nameof(FailureClass.Permanent) },
        { ErrorCodes.ChunksFailed, nameof(FailureClass.Permanent) },
    };

    [Theory]
    [InlineData(FailureClass.Transient, 0, 0, RetryAction.Release, false, false)]
    [InlineData(FailureClass.Transient, 9, 9, RetryAction.Release, false, false)]
    [InlineData(FailureClass.Capacity, 0, 0, RetryAction.Retry, false, true)]
    [InlineData(FailureClass.Capacity, 2, 1, RetryAction.Retry, false, true)]
    [InlineData(FailureClass.Capacity, 0, 2, RetryAction.GiveUp, true, false)]
    [InlineData(FailureClass.Content, 0, 0, RetryAction.Retry, true, false)]
    [InlineData(FailureClass.Content, 1, 2, RetryAction.Retry, true, false)]
    [InlineData(FailureClass.Content, 2, 0, RetryAction.GiveUp, true, false)]
    [InlineData(FailureClass.Defect, 0, 0, RetryAction.Retry, true, false)]
    [InlineData(FailureClass.Defect, 1, 0, RetryAction.Retry, true, false)]
    [InlineData(FailureClass.Defect, 2, 0, RetryAction.GiveUp, true, false)]
    [InlineData(FailureClass.Permanent, 0, 0, RetryAction.GiveUp, true, false)]
    internal void Decide_ClassAndHistory_SaysWhatFollows(FailureClass failure, int failures, int degradation, RetryAction action, bool counts, bool degrades)
    {
        var history = new ChunkHistory(failures + degradation, failures, 0, degradation, null);

        RetryDecision decision = RetryPolicy.Decide(failure, ErrorCodes.DecodeFailed, history, new RetryLimits(MaxDegradation: 2, CanResample: true));

        decision.ShouldBe(new RetryDecision(action, counts, degrades));
    }

    [Theory]
    [InlineData(ErrorCodes.OutputUnreadable, RetryAction.GiveUp)]
    [InlineData(ErrorCodes.ChunkTimeout, RetryAction.Retry)]
    [InlineData(ErrorCodes.DecodeFailed, RetryAction.Retry)]
    internal void Decide_GreedyByTheJobsWish_AsksForNoAnswerTwice(string code, RetryAction action) =>
        RetryPolicy.Decide(FailureClass.Content, code, ChunkHistory.None, new RetryLimits(2, CanResample: false)).Action.ShouldBe(action);

    [Theory]
    [InlineData(ErrorCodes.LimitExceeded, 0, RetryAction.Retry)]
    [InlineData(ErrorCodes.LimitExceeded, 2, RetryAction.GiveUp)]
    [InlineData(ErrorCodes.RequestRefused, 0, RetryAction.GiveUp)]
    internal void Decide_NothingToMakeSmaller_IsTriedAgainUnlessItNeverFits(string code, int failures, RetryAction action) =>
        RetryPolicy.Decide(FailureClass.Capacity, code, ChunkHistory.None with { Failures = failures }, new RetryLimits(0, CanResample: true))
            .ShouldBe(new RetryDecision(action, CountsFailure: true));

    [Theory]
    [MemberData(nameof(Classes))]
    public void Classify_ContentCode_HasItsClass(string code, string expected)
    {
        ChunkFailure failure = FailureClassifier.Classify(new ContentException(code, "thing must be rule; got value"), Cost);

        failure.Class.ToString().ShouldBe(expected);
        failure.Error.Code.ShouldBe(code);
        failure.Evidence.Usage.ShouldBe(Cost);
    }

    [Fact]
    public void Classify_ContentThatDidNotFit_IsCapacity() =>
        FailureClassifier.Classify(new ContentException(ErrorCodes.LimitExceeded, "x") { MaySucceedSmaller = true }, Cost).Class.ShouldBe(FailureClass.Capacity);

    [Theory]
    [InlineData(true, FailureClass.Capacity)]
    [InlineData(false, FailureClass.Permanent)]
    internal void Classify_RefusedRequest_IsCapacityOnlyWhenItIsTooLarge(bool tooLarge, FailureClass expected)
    {
        ChunkFailure failure = FailureClassifier.Classify(new InvalidRequestException("x") { IsTooLarge = tooLarge }, Cost);

        failure.Class.ShouldBe(expected);
        failure.Error.Code.ShouldBe(ErrorCodes.RequestRefused);
    }

    [Fact]
    public void Classify_NoMemory_IsCapacity()
    {
        ChunkFailure failure = FailureClassifier.Classify(new InsufficientMemoryException("SECRET"), Cost);

        failure.Class.ShouldBe(FailureClass.Capacity);
        failure.Error.Code.ShouldBe(ErrorCodes.LimitExceeded);
        failure.Error.Message.ShouldNotContain("SECRET");
    }

    [Fact]
    public void Classify_DatabaseAway_IsTransient() =>
        FailureClassifier.Classify(new NpgsqlException("x", new IOException()), Cost).Class.ShouldBe(FailureClass.Transient);

    [Fact]
    public void Classify_InterruptedDecoder_CountsAgainstTheContent() =>
        FailureClassifier.Classify(new DecoderInterruptedException("ffmpeg", 137), Cost).Class.ShouldBe(FailureClass.Content);

    [Fact]
    public void Classify_Unexpected_IsADefectWithoutItsText()
    {
        ChunkFailure failure = FailureClassifier.Classify(new InvalidOperationException("SECRET"), Cost);

        failure.Class.ShouldBe(FailureClass.Defect);
        failure.Error.ShouldBe(Defects.Error);
        failure.Evidence.Usage.ShouldBe(Cost);
    }
}
