namespace Qwen3VL.Batch.Storage;

/// <summary>What became of one dead letter.</summary>
/// <param name="Id">Which.</param>
/// <param name="Source"><c>chunk</c>, <c>message</c> or <c>outbox</c>.</param>
/// <param name="ErrorCode">Why it died.</param>
/// <param name="Verdict">What became of it.</param>
/// <param name="JobId">The job that a chunk belongs to.</param>
/// <param name="ChunkNo">The chunk.</param>
/// <param name="FollowUpJobId">The new job, for a chunk that was replayed.</param>
/// <param name="MessageId">The id that a message is sent under, for one that was replayed.</param>
/// <param name="Reason">Why not, when there is more to say than the verdict.</param>
internal sealed record ReplayedLetter(
    Guid Id,
    string Source,
    string ErrorCode,
    ReplayVerdict Verdict,
    Guid? JobId = null,
    int? ChunkNo = null,
    Guid? FollowUpJobId = null,
    Guid? MessageId = null,
    string? Reason = null)
{
    /// <summary>The outcome of a row.</summary>
    public static ReplayedLetter Of(StoredDeadLetter row, ReplayVerdict verdict, string? reason = null) =>
        new(row.Id, row.Source, row.ErrorCode, verdict, row.JobId, row.ChunkNo, Reason: reason);
}
