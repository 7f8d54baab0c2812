using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Qwen3VL.Batch.Pipeline;

namespace Qwen3VL.Batch.Worker.Composition;

/// <summary>
/// Stops a worker of the quarantine lane that has had nothing to do for two leases: its model takes memory. A chunk that ends another such
/// worker is ready again after one.
/// </summary>
internal sealed class QuarantineIdle(
    LeaseKeeper keeper, WorkerOptions options, IHostApplicationLifetime lifetime, TimeProvider time, ILogger<QuarantineIdle> logger) : BackgroundService
{
    private readonly TimeSpan _limit = Limit(options);
    private readonly TimeSpan _look = TimeSpan.FromSeconds(options.LeaseSeconds / 3);

    /// <summary>How long such a worker waits for work, with its model or before it.</summary>
    public static TimeSpan Limit(WorkerOptions options) => TimeSpan.FromSeconds(2 * options.LeaseSeconds);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        long busyAt = time.GetTimestamp();
        using var timer = new PeriodicTimer(_look, time);
        while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false))
        {
            if (keeper.HeldCount > 0)
            {
                busyAt = time.GetTimestamp();
            }
            else if (time.GetElapsedTime(busyAt) >= _limit)
            {
                logger.QuarantineIdle(_limit.TotalSeconds);
                lifetime.StopApplication();
                return;
            }
        }
    }
}
