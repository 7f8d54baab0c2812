using Microsoft.Extensions.Hosting;

namespace Qwen3VL.Batch.Pipeline;

/// <summary>How this process will end. An engine that stopped itself ends the process, and whoever supervises it starts a fresh one.</summary>
internal sealed class ProcessExit(IHostApplicationLifetime lifetime)
{
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
}
