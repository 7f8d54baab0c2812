using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Qwen3VL.Batch.Messaging;
using Qwen3VL.Batch.Storage;

namespace Qwen3VL.Batch.Pipeline;

/// <summary>
/// Takes back what dead workers held, every third of the lease time, and keeps house now and then. One worker of all does it; when that one
/// is gone, the next that asks for the lead has it.
/// </summary>
internal sealed class Sweeper(
    SweepDuties duties, WorkerOptions options, BatchMetrics metrics, WakeUp wakeUp, TimeProvider time, ILogger<Sweeper> logger) : BackgroundService
{
    /// <summary>Housekeeping deletes what is days old: a quarter of an hour more or less does not matter.</summary>
    internal static readonly TimeSpan HousekeepingInterval = TimeSpan.FromMinutes(15);

    /// <summary>Lease times of silence after which a worker is taken for lost. Its leases ran out long before.</summary>
    internal const int LostAfterLeases = 10;

    private const int SweepsPerLease = 3;

    // It reads all chunks of running jobs and finds nothing, unless somebody else wrote to the ledger.
    private static readonly TimeSpan HealInterval = TimeSpan.FromMinutes(5);

    // After an outage of the database leases have run out whose holders live. They beat once in the interval that is waited: then they are
    // not taken for dead.
    private bool _waitsForBeats;
    private long _healedAt = time.GetTimestamp();
    private long? _keptHouseAt;
    private bool _led;

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
            bool leads = await duties.Leader.TryLeadAsync(cancellationToken).ConfigureAwait(false);
            if (leads && !_led)
            {
                logger.SweepsLed();
            }

            _led = leads;
            if (!leads)
            {
                return;
            }

            SweepReport report = await duties.Ledger.SweepAsync(cancellationToken).ConfigureAwait(false);
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

            Tell(report.Errors);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            // Broad on purpose: a sweep that fails is repeated, and without sweeps nothing heals.
            _waitsForBeats = true;
            logger.SweepFailed(exception.GetType().Name);
            return;
        }

        await HealAsync(cancellationToken).ConfigureAwait(false);

        if (_keptHouseAt is not { } at || time.GetElapsedTime(at) >= HousekeepingInterval)
        {
            _keptHouseAt = time.GetTimestamp();
            await KeepHouseAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task KeepHouseAsync(CancellationToken cancellationToken)
    {
        try
        {
            TimeSpan silence = LostAfterLeases * TimeSpan.FromSeconds(options.LeaseSeconds);
            HousekeepingReport report = await duties.Housekeeping.RunAsync(duties.Retention, silence, cancellationToken).ConfigureAwait(false);
            int months = duties.Retention.ResultMonths > 0 ? await DropMonthsAsync(cancellationToken).ConfigureAwait(false) : 0;
            if (report.LostWorkers + report.DeletedRows + months > 0)
            {
                logger.HouseKept(report.LostWorkers, report.DeletedRows, months);
            }
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            // Broad on purpose: nothing is lost by keeping house later.
            logger.HousekeepingFailed(exception.GetType().Name);
        }
    }

    private async Task<int> DropMonthsAsync(CancellationToken cancellationToken)
    {
        DateTime now = time.GetUtcNow().UtcDateTime;
        DateOnly first = new DateOnly(now.Year, now.Month, 1).AddMonths(-duties.Retention.ResultMonths);
        int dropped = 0;
        foreach (DateOnly month in await duties.Partitions.MonthsBeforeAsync(first, cancellationToken).ConfigureAwait(false))
        {
            try
            {
                dropped += await duties.Partitions.DropMonthAsync(month, cancellationToken).ConfigureAwait(false) == MonthDrop.Dropped ? 1 : 0;
            }
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
            {
                // Broad on purpose: workers are not meant to have the right to drop tables, and a month too many harms nobody.
                logger.MonthKept(month, exception.GetType().Name);
                break;
            }
        }

        return dropped;
    }

    private async Task HealAsync(CancellationToken cancellationToken)
    {
        if (time.GetElapsedTime(_healedAt) < HealInterval)
        {
            return;
        }

        _healedAt = time.GetTimestamp();
        try
        {
            HealReport report = await duties.Ledger.HealAsync(cancellationToken).ConfigureAwait(false);
            if (report.Any)
            {
                logger.Healed(report.Groups, report.Plannings, report.Stages, report.Counters, report.Jobs);
                wakeUp.WorkCreated();
            }

            Tell(report.Errors);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            // Broad on purpose, as for sweeps.
            logger.SweepFailed(exception.GetType().Name);
        }
    }

    // Parts of a sweep that failed: the others were done, and the next sweep tries these again.
    private void Tell(IReadOnlyList<Exception> errors)
    {
        foreach (string error in errors.Select(error => error.GetType().Name).Distinct())
        {
            logger.SweepFailed(error);
        }
    }
}
