using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Qwen3VL.Batch.Messaging;
using Qwen3VL.Batch.Storage;

namespace Qwen3VL.Batch.Pipeline;

/// <summary>
/// Takes back what dead workers held, every third of the lease time. Every worker sweeps: the statement skips rows that another sweep
/// holds, so there is no leader to lose.
/// </summary>
internal sealed class Sweeper(
    IJobLedger ledger, WorkerOptions options, BatchMetrics metrics, WakeUp wakeUp, TimeProvider time, ILogger<Sweeper> logger) : BackgroundService
{
    private const int SweepsPerLease = 3;

    // It reads all chunks of running jobs and finds nothing, unless somebody else wrote to the ledger.
    private static readonly TimeSpan HealInterval = TimeSpan.FromMinutes(5);

    // After an outage of the database leases have run out whose holders live. They beat once in the interval that is waited: then they are
    // not taken for dead.
    private bool _waitsForBeats;
    private long _healedAt = time.GetTimestamp();

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(options.LeaseSeconds) / SweepsPerLease, time);
        while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false))
        {
            if (_waitsForBeats)
            {
                _waitsForBeats = false;
                continue;
            }

            await SweepAsync(stoppingToken).ConfigureAwait(false);
        }
    }

    private async Task SweepAsync(CancellationToken cancellationToken)
    {
        try
        {
            SweepReport report = await ledger.SweepAsync(cancellationToken).ConfigureAwait(false);
            if (report.ExpiredLeases + report.CancelledJobs + report.OverdueJobs > 0)
            {
                logger.Swept(report.ExpiredLeases, report.CancelledJobs, report.OverdueJobs);
                wakeUp.WorkCreated();
            }

            if (report.Found.LostStarts + report.Found.Quarantined + report.Found.Crashed > 0)
            {
                metrics.TookBack(report.Found);
                logger.StartsLost(report.Found.LostStarts, report.Found.Quarantined, report.Found.Crashed);
            }

            await HealAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            // Broad on purpose: a sweep that fails is repeated, and without sweeps nothing heals.
            _waitsForBeats = true;
            logger.SweepFailed(exception.GetType().Name);
        }
    }

    private async Task HealAsync(CancellationToken cancellationToken)
    {
        if (time.GetElapsedTime(_healedAt) < HealInterval)
        {
            return;
        }

        _healedAt = time.GetTimestamp();
        HealReport report = await ledger.HealAsync(cancellationToken).ConfigureAwait(false);
        if (report.Any)
        {
            logger.Healed(report.Groups, report.Plannings, report.Stages, report.Counters, report.Jobs);
            wakeUp.WorkCreated();
        }
    }
}
