using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Qwen3VL.Engine;

namespace Qwen3VL.Batch.Pipeline;

/// <summary>
/// Notices an engine that hangs: requests are open and nothing is computed for <c>Worker:StuckSeconds</c>. Heartbeats would go on for ever
/// beside it. Only the engine is stuck, so the groups are given back at once, each chunk in flight with a lost start, for one of them may be
/// why; then the process ends, because an engine that hangs cannot be stopped in order.
/// </summary>
internal sealed class EngineWatchdog(
    IInferenceEngine engine,
    LeaseKeeper keeper,
    GroupSettler settler,
    ProcessExit exit,
    WorkerOptions options,
    TimeProvider time,
    ILogger<EngineWatchdog> logger) : BackgroundService
{
    // The limit is met to an eighth.
    private const int LooksPerLimit = 8;

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (options.StuckSeconds == 0)
        {
            return;
        }

        TimeSpan limit = TimeSpan.FromSeconds(options.StuckSeconds);
        EngineProgress seen = engine.Progress;
        long movedAt = time.GetTimestamp();
        TimeSpan period = limit / LooksPerLimit;
        long lookedAt = movedAt;
        using var timer = new PeriodicTimer(period, time);
        while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false))
        {
            // A process that was stopped for a while, or whose machine was, says nothing of its engine.
            bool wasStopped = time.GetElapsedTime(lookedAt) > 2 * period;
            lookedAt = time.GetTimestamp();
            EngineProgress now = engine.Progress;
            if (now.OpenRequests == 0 || now.Work != seen.Work || wasStopped)
            {
                (seen, movedAt) = (now, time.GetTimestamp());
            }
            else if (time.GetElapsedTime(movedAt) >= limit)
            {
                await GiveUpAsync(now).ConfigureAwait(false);
                return;
            }
        }
    }

    private async Task GiveUpAsync(EngineProgress progress)
    {
        logger.EngineStuck(progress.OpenRequests, options.StuckSeconds);
        HeldLease[] leases = [.. keeper.Held];
        await Task.WhenAll(leases.Select(lease => settler.ReleaseLostAsync(lease, TimeSpan.Zero, "engine stuck"))).ConfigureAwait(false);
        foreach (HeldLease lease in leases)
        {
            _ = lease.EndWith(LeaseEnd.Lost);
        }

        exit.Abandon();
    }
}
