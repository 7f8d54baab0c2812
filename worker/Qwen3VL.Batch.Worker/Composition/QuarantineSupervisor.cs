using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Qwen3VL.Batch.Pipeline;
using Qwen3VL.Batch.Storage;

namespace Qwen3VL.Batch.Worker.Composition;

/// <summary>
/// Keeps a worker of the quarantine lane while there is work for one and nobody else does it: never more than one of this process, and after a
/// crash not before a pause that grows. Of those that several workers start at the same time one stays (<see cref="AdvisoryLocks.Quarantine"/>).
/// </summary>
internal sealed class QuarantineSupervisor(
    IQuarantine quarantine,
    IQuarantineProcess process,
    DrainSignal drain,
    WorkerOptions options,
    BatchMetrics metrics,
    TimeProvider time,
    ILogger<QuarantineSupervisor> logger) : BackgroundService
{
    private static readonly TimeSpan RestartBase = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan RestartCap = TimeSpan.FromSeconds(60);

    // A look costs one short query; the groups have waited for a lease to run out anyway.
    private static readonly TimeSpan LongestLook = TimeSpan.FromSeconds(5);

    private readonly FullJitterBackoff _backoff = new(RestartBase, RestartCap, Environment.ProcessId);
    private readonly TimeSpan _look = TimeSpan.FromSeconds(Math.Min(LongestLook.TotalSeconds, options.LeaseSeconds / 3));
    private readonly TimeSpan _silence = TimeSpan.FromSeconds(options.LeaseSeconds);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // The child drains beside this process, not after it.
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken, drain.Draining);
        int crashes = 0;
        try
        {
            while (true)
            {
                await Task.Delay(_look, time, stop.Token).ConfigureAwait(false);
                if (await IsNeededAsync(stop.Token).ConfigureAwait(false))
                {
                    crashes = await RunOneAsync(crashes, stop.Token).ConfigureAwait(false);
                }
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The child has ended: it is waited for even then.
        }
    }

    private async Task<bool> IsNeededAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await quarantine.NeedsWorkerAsync(_silence, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            // Broad on purpose: a database that is away must not end the worker; the next look may find it.
            logger.QuarantineUnknown(exception.GetType().Name);
            return false;
        }
    }

    /// <summary>Runs a child to its end; returns how many in a row have crashed.</summary>
    private async Task<int> RunOneAsync(int crashes, CancellationToken stoppingToken)
    {
        metrics.QuarantineStarted();
        int exitCode;
        try
        {
            exitCode = await process.RunAsync(stoppingToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
        {
            // Broad on purpose: a machine without room for another process is no reason to end this one.
            logger.QuarantineUnknown(exception.GetType().Name);
            exitCode = -1;
        }

        if (exitCode == 0 || stoppingToken.IsCancellationRequested)
        {
            logger.QuarantineEnded(exitCode);
            return 0;
        }

        metrics.QuarantineCrashed();
        TimeSpan delay = _backoff.Next(crashes);
        logger.QuarantineCrashed(exitCode, delay.TotalMilliseconds);
        await Task.Delay(delay, time, stoppingToken).ConfigureAwait(false);
        return crashes + 1;
    }
}
