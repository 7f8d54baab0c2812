using Qwen3VL.Batch.Contracts.V1;
using Qwen3VL.Batch.Jobs;
using Qwen3VL.Batch.Media.Processes;
using Qwen3VL.Batch.Results;
using Qwen3VL.Engine;

namespace Qwen3VL.Batch.Pipeline;

/// <summary>Tells from an exception who is at fault. Pure; its texts never come from exceptions that may quote content.</summary>
internal static class FailureClassifier
{
    /// <summary>The failure that an exception is.</summary>
    /// <param name="exception">What an execution threw.</param>
    /// <param name="usage">What the execution has cost.</param>
    public static ChunkFailure Classify(Exception exception, ChunkUsage usage)
    {
        var cost = new ChunkResult { Usage = usage };
        return exception switch
        {
            ContentException content => new ChunkFailure(
                ClassOf(content),
                new JobError(content.Code, content.Message),
                content.Evidence.Usage.Requests > 0 ? content.Evidence : content.Evidence with { Usage = usage }),
            InvalidRequestException refused => new ChunkFailure(
                refused.IsTooLarge ? FailureClass.Capacity : FailureClass.Permanent, new JobError(ErrorCodes.RequestRefused, refused.Message), cost),
            OutOfMemoryException => new ChunkFailure(
                FailureClass.Capacity, new JobError(ErrorCodes.LimitExceeded, "a chunk must fit the worker's memory; it did not"), cost),
            // Ended from outside, for example by the kernel for its memory: nobody's fault once, the content's when it goes on.
            DecoderInterruptedException => new ChunkFailure(
                FailureClass.Content, new JobError(ErrorCodes.DecodeFailed, "a decoder must end by itself; it was ended from outside"), cost),
            _ when TransientErrors.IsTransient(exception) => new ChunkFailure(FailureClass.Transient, Defects.Error, cost),
            _ => new ChunkFailure(FailureClass.Defect, Defects.Error, cost),
        };
    }

    private static FailureClass ClassOf(ContentException exception) => exception.MaySucceedSmaller
        ? FailureClass.Capacity
        : exception.Code switch
        {
            ErrorCodes.DecodeFailed or ErrorCodes.DecodeTimeout or ErrorCodes.OutputUnreadable or ErrorCodes.ChunkTimeout => FailureClass.Content,
            // A mount that comes late looks like a file that is gone.
            ErrorCodes.SourceNotFound => FailureClass.Content,
            _ => FailureClass.Permanent,
        };
}
