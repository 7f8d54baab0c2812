using Qwen3VL.Batch.Faults;
using Qwen3VL.Batch.Faults.Control;
using Qwen3VL.Batch.Faults.Ledger;
using Qwen3VL.Batch.Pipeline;

namespace Qwen3VL.Batch.FaultWorker;

/// <summary>Sees the calls of <see cref="IChunkExecutor"/>: what the engine began and ended.</summary>
internal sealed class ExecutorObserver(LedgerFile ledger, ICrashPoints points) : ICallObserver
{
    /// <inheritdoc/>
    public Task BeforeAsync(string method, object?[] arguments)
    {
        Record(LedgerEvent.EngineStarted, arguments);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task AfterAsync(string method, object?[] arguments, object? result)
    {
        Record(LedgerEvent.EngineFinished, arguments);
        points.Reach(ReachedPoint.AfterEngine);
        return Task.CompletedTask;
    }

    private void Record(string what, object?[] arguments)
    {
        ChunkContext context = arguments.OfType<ChunkContext>().Single();
        ledger.Append(new LedgerRecord(what) { Job = context.Job.Id, Chunk = context.Chunk.ChunkNo });
    }
}
