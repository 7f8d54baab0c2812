using Microsoft.Extensions.Hosting;

namespace Qwen3VL.Batch.Pipeline;

/// <summary>How this process will end. An engine that stopped itself ends the process, and whoever supervises it starts a fresh one.</summary>
internal sealed class ProcessExit(IHostApplicationLifetime lifetime)
{
    private readonly TaskCompletionSource _abandoned = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _code;

    /// <summary>0 after an orderly stop, 1 after a failure.</summary>
    public int Code => Volatile.Read(ref _code);

    /// <summary>Ends the process in order, as SIGTERM does. Idempotent.</summary>
    public void Stop() => lifetime.StopApplication();

    /// <summary>Ends the process in order, with exit code 1. Idempotent.</summary>
    public void Fail()
    {
        Volatile.Write(ref _code, 1);
        lifetime.StopApplication();
    }

    /// <summary>Completes when the process is to end without waiting for anything that still runs in it.</summary>
    public Task Abandoned => _abandoned.Task;

    /// <summary>Ends the process with exit code 1 at once: what hangs in it would never stop in order. Idempotent.</summary>
    public void Abandon()
    {
        Volatile.Write(ref _code, 1);
        _abandoned.TrySetResult();
    }
}
