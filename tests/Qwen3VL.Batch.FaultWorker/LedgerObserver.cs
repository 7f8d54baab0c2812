using Qwen3VL.Batch.Faults;
using Qwen3VL.Batch.Faults.Control;
using Qwen3VL.Batch.Faults.Ledger;
using Qwen3VL.Batch.Planning;
using Qwen3VL.Batch.Storage;

namespace Qwen3VL.Batch.FaultWorker;

/// <summary>Sees the calls of <see cref="IJobLedger"/>: points between them, and how each chunk's end was recorded.</summary>
internal sealed class LedgerObserver(LedgerFile ledger, ICrashPoints points) : ICallObserver
{
    /// <inheritdoc/>
    public Task BeforeAsync(string method, object?[] arguments)
    {
        if (method == nameof(IJobLedger.FinishGroupAsync))
        {
            points.Reach(ReachedPoint.BeforeDeleteGroup);
        }

        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task AfterAsync(string method, object?[] arguments, object? result)
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
                Record(arguments, result);
                points.Reach(ReachedPoint.AfterCommit);
                break;
            case nameof(IJobLedger.FailChunkAsync):
                Record(arguments, result);
                break;
            default:
                break;
        }

        return Task.CompletedTask;
    }

    private void Record(object?[] arguments, object? result)
    {
        ClaimedGroup group = arguments.OfType<ClaimedGroup>().Single();
        PlannedChunk chunk = arguments.OfType<PlannedChunk>().Single();
        ledger.Append(new LedgerRecord(LedgerEvent.Committed) { Job = group.JobId, Chunk = chunk.ChunkNo, Fence = group.Fence, Note = result?.ToString() });
    }
}
