using Npgsql;
using Qwen3VL.Batch.Faults;
using Qwen3VL.Batch.Faults.Control;
using Qwen3VL.Batch.Faults.Ledger;
using Qwen3VL.Batch.Planning;
using Qwen3VL.Batch.Storage;

namespace Qwen3VL.Batch.FaultWorker;

/// <summary>Sees the calls of <see cref="IJobLedger"/>: points between them, and how each chunk's end was recorded.</summary>
/// <param name="ledger">Gets what is seen.</param>
/// <param name="points">Told of points.</param>
/// <param name="stopsWithLease">Whether writes end with their lease: the guard <c>local_deadline</c>.</param>
/// <param name="lateEvents">Writes final events afterwards; null when they are written where they belong.</param>
internal sealed class LedgerObserver(LedgerFile ledger, ICrashPoints points, bool stopsWithLease, LateEvents? lateEvents) : ICallObserver
{
    /// <inheritdoc/>
    public Task BeforeAsync(string method, object?[] arguments)
    {
        if (method == nameof(IJobLedger.FinishGroupAsync))
        {
            points.Reach(ReachedPoint.BeforeDeleteGroup);
        }

        if (!stopsWithLease && IsEnd(method))
        {
            arguments[^1] = CancellationToken.None;
        }

        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public async Task AfterAsync(string method, object?[] arguments, object? result)
    {
        switch (method)
        {
            case nameof(IJobLedger.ClaimAsync) when result is IReadOnlyList<ClaimedGroup> { Count: > 0 } groups:
                foreach (ClaimedGroup group in groups)
                {
                    ledger.Append(new LedgerRecord(LedgerEvent.Claimed) { Job = group.JobId, Chunk = group.GroupNo, Fence = group.Fence });
                }

                points.Reach(ReachedPoint.AfterClaim);
                break;
            case nameof(IJobLedger.StartChunkAsync) when result is true:
                points.Reach(ReachedPoint.AfterStarts);
                break;
            case nameof(IJobLedger.CompleteChunkAsync):
                Record(LedgerEvent.Committed, arguments, result?.ToString());
                points.Reach(ReachedPoint.AfterCommit);
                await WriteLateEventsAsync();
                break;
            case nameof(IJobLedger.FailChunkAsync):
                Record(LedgerEvent.Committed, arguments, result?.ToString());
                await WriteLateEventsAsync();
                break;
            default:
                break;
        }
    }

    /// <inheritdoc/>
    public void Threw(string method, object?[] arguments, Exception exception)
    {
        string note = (exception as PostgresException)?.SqlState ?? exception.GetType().Name;
        if (IsEnd(method))
        {
            Record(LedgerEvent.WriteFailed, arguments, note);
        }
        else if (method == nameof(IJobLedger.SubmitAsync))
        {
            ledger.Append(new LedgerRecord(LedgerEvent.SubmitFailed) { Note = note });
        }
    }

    private static bool IsEnd(string method) => method is nameof(IJobLedger.CompleteChunkAsync) or nameof(IJobLedger.FailChunkAsync);

    private Task WriteLateEventsAsync() => lateEvents?.WriteAsync() ?? Task.CompletedTask;

    private void Record(string what, object?[] arguments, string? note)
    {
        ClaimedGroup group = arguments.OfType<ClaimedGroup>().Single();
        PlannedChunk chunk = arguments.OfType<PlannedChunk>().Single();
        ledger.Append(new LedgerRecord(what) { Job = group.JobId, Chunk = chunk.ChunkNo, Fence = group.Fence, Note = note });
    }
}
