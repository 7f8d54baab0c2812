using System.Globalization;
using Qwen3VL.Batch.Faults.Scenarios;
using Qwen3VL.TestKit.Servers;

namespace Qwen3VL.Batch.Faults.Processes;

/// <summary>Ends workers, and the processes that they start, with SIGKILL when they take more memory than they may: what the kernel does in a container.</summary>
internal static class MemoryKiller
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(20);

    /// <summary>Watches until the token fires.</summary>
    public static async Task RunAsync(World world, long limitMiB, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(Look, World.Time);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken))
            {
                int[] processes = [.. world.Workers.Where(worker => !worker.HasExited).SelectMany(worker => (int[])[worker.Id, .. ProcessFacts.Children(worker.Id)])];
                foreach (int process in processes.Where(process => ProcessFacts.ResidentBytes(process) >> 20 > limitMiB))
                {
                    world.Inject("kill of a process with too much memory");
                    await ServerProcess.RunAsync(["sh", "-c", "kill -KILL \"$0\" 2>/dev/null || true", process.ToString(CultureInfo.InvariantCulture)], CancellationToken.None);
                }
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Told to stop.
        }
    }
}
