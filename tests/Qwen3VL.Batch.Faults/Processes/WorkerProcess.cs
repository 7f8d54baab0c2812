using Qwen3VL.TestKit;
using Qwen3VL.TestKit.Servers;

namespace Qwen3VL.Batch.Faults.Processes;

/// <summary>A worker as a process in a group of its own. Owner: the scenario's world; ended with it, and with this process however it ends.</summary>
internal sealed class WorkerProcess : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly ServerProcess _process;

    /// <summary>Starts it.</summary>
    public WorkerProcess(string name, ServerLaunch launch)
    {
        Name = name;
        StartedAt = TimeProvider.System.GetUtcNow().UtcDateTime;
        _process = ServerProcess.Start(launch);
    }

    /// <summary>Name in reports.</summary>
    public string Name { get; }

    /// <summary>When it was started, UTC.</summary>
    public DateTime StartedAt { get; }

    /// <summary>Process id.</summary>
    public int Id => _process.Id;

    /// <summary>It ended.</summary>
    public bool HasExited => _process.HasExited;

    /// <summary>What it ended with; 128 + n after signal n.</summary>
    public int ExitCode => _process.ExitCode;

    /// <summary>What it printed.</summary>
    public string Log => _process.Log;

    /// <summary>SIGKILL; returns when it has ended.</summary>
    public async Task KillAsync()
    {
        await _process.SignalAsync("KILL", CancellationToken.None);
        await _process.WaitForExitAsync(CancellationToken.None);
    }

    /// <summary>SIGSTOP; returns when it is stopped.</summary>
    public async Task StopAsync()
    {
        await _process.SignalAsync("STOP", CancellationToken.None);
        await StoppedAsync(Patience);
    }

    /// <summary>SIGCONT.</summary>
    public Task ContinueAsync() => _process.SignalAsync("CONT", CancellationToken.None);

    /// <summary>SIGTERM; does not wait.</summary>
    public Task TerminateAsync() => _process.SignalAsync("TERM", CancellationToken.None);

    /// <summary>Waits until it is stopped by a signal, its own or another's.</summary>
    public Task StoppedAsync(TimeSpan limit) => Eventually.TrueAsync(() => Task.FromResult(ProcessFacts.IsStopped(Id)), limit, $"{Name} is stopped");

    /// <summary>Waits for the end; returns the exit code.</summary>
    /// <exception cref="TimeoutException">It goes on.</exception>
    public async Task<int> ExitAsync(TimeSpan limit)
    {
        await _process.WaitForExitAsync(CancellationToken.None).WaitAsync(limit, TimeProvider.System);
        return _process.ExitCode;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _process.DisposeAsync();
}
