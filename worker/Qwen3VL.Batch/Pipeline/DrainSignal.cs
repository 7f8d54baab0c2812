using Qwen3VL.Batch.Jobs;
using Qwen3VL.Batch.Media.Processes;

namespace Qwen3VL.Batch.Pipeline;

/// <summary>The two steps of an orderly stop: first nothing new is begun, then what still runs is given back. Safe from any thread.</summary>
internal sealed class DrainSignal : IDisposable
{
    private readonly CancellationTokenSource _draining = new();
    private readonly CancellationTokenSource _ended = new();

    /// <summary>Fires when no new group or chunk may be begun.</summary>
    public CancellationToken Draining => _draining.Token;

    /// <summary>Fires when running chunks must stop: the grace is over. A second stop signal does not come here: it ends the process.</summary>
    public CancellationToken Ended => _ended.Token;

    /// <summary>First step. Idempotent.</summary>
    public void Begin() => _draining.Cancel();

    /// <summary>Second step; implies the first. Idempotent.</summary>
    public void End()
    {
        _draining.Cancel();
        _ended.Cancel();
    }

    /// <summary>
    /// Whether a failure may come from the stop and not from the file. A signal to the whole process group (Ctrl+C, a supervisor that ends a
    /// control group) ends decoder processes too, and what they leave looks like a broken file: such work stays open for another worker.
    /// </summary>
    public bool MayHaveCaused(Exception exception) =>
        _draining.IsCancellationRequested && (exception is ContentException { Code: ErrorCodes.DecodeFailed } or DecoderInterruptedException);

    /// <summary>Frees both sources; nobody waits on them any more.</summary>
    public void Dispose()
    {
        _draining.Dispose();
        _ended.Dispose();
    }
}
