using System.Reflection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Qwen3VL.Batch.Messaging;
using Qwen3VL.Batch.Storage;
using Qwen3VL.Engine;

namespace Qwen3VL.Batch.Pipeline;

/// <summary>
/// The worker's life: register, claim as many groups as there are free slots, run them, and on stop drain and unregister. Asking only for
/// what fits is the back-pressure; the poll interval is the upper bound of every wait. Owns the list of running groups.
/// </summary>
internal sealed class WorkerLoop(
    IJobLedger ledger,
    LeaseKeeper keeper,
    GroupRunner runner,
    WorkerRuntime runtime,
    WakeUp wakeUp,
    WorkerOptions options,
    TimeProvider time,
    ILogger<WorkerLoop> logger) : BackgroundService
{
    private static readonly TimeSpan RetryBase = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan RetryCap = TimeSpan.FromSeconds(10);

    // A claim is not cut by a drain: its outcome would be unknown and its leases would have to expire. It has its own limit instead.
    private static readonly TimeSpan ClaimLimit = TimeSpan.FromSeconds(20);

    // What the ledger calls of stopped groups may take after the grace (GroupSettler has 10 s).
    private static readonly TimeSpan SettleLimit = TimeSpan.FromSeconds(15);

    // How often a draining worker says that it lives.
    private static readonly TimeSpan DrainLook = TimeSpan.FromSeconds(5);

    private readonly TimeSpan _leaseTime = TimeSpan.FromSeconds(options.LeaseSeconds);
    private readonly FullJitterBackoff _backoff = new(RetryBase, RetryCap, Environment.ProcessId);
    private readonly Random _jitter = new(Environment.ProcessId);
    private readonly short[] _lanes = Lanes.TryParse(options.Lanes, out short[]? lanes)
        ? lanes
        : throw new ArgumentException($"Worker:Lanes must be names of lanes with commas between them; got {options.Lanes}", nameof(options));

    private readonly List<Task> _running = [];

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (await RegisterAsync(stoppingToken).ConfigureAwait(false) is not long workerId)
        {
            return;
        }

        using var beatsEnd = new CancellationTokenSource();
        Task beats = keeper.RunAsync(workerId, beatsEnd.Token);
        runtime.Activity.Ready = true;
        try
        {
            await ClaimUntilStoppedAsync(workerId, stoppingToken).ConfigureAwait(false);
        }
        finally
        {
            runtime.Activity.Ready = false;
            await DrainAsync(workerId).ConfigureAwait(false);
            await beatsEnd.CancelAsync().ConfigureAwait(false);
            await beats.ConfigureAwait(false);
            await UnregisterAsync(workerId).ConfigureAwait(false);
        }
    }

    private async Task<long?> RegisterAsync(CancellationToken stoppingToken)
    {
        string version = typeof(WorkerLoop).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";
        for (int failures = 0; !stoppingToken.IsCancellationRequested; failures++)
        {
            runtime.Activity.Looked();
            try
            {
                long workerId = await ledger.RegisterWorkerAsync(
                    new WorkerIdentity(Environment.MachineName, Environment.ProcessId, version, options.Slots, _lanes), stoppingToken).ConfigureAwait(false);
                logger.WorkerRegistered(workerId, options.Slots);
                return workerId;
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                break;
            }
            catch (Exception exception) when (TransientErrors.IsTransient(exception))
            {
                await PauseAsync(exception, failures, stoppingToken).ConfigureAwait(false);
            }
        }

        return null;
    }

    private async Task ClaimUntilStoppedAsync(long workerId, CancellationToken stoppingToken)
    {
        int failures = 0;
        while (!stoppingToken.IsCancellationRequested)
        {
            runtime.Activity.Looked();
            _ = _running.RemoveAll(group => group.IsCompleted);
            int free = options.Slots - _running.Count;
            try
            {
                if (free > 0)
                {
                    await ClaimAsync(workerId, free).ConfigureAwait(false);
                }

                failures = 0;
            }
            catch (Exception exception) when (TransientErrors.IsTransient(exception) || exception is OperationCanceledException)
            {
                await PauseAsync(exception, failures++, stoppingToken).ConfigureAwait(false);
                continue;
            }

            await WaitAsync(stoppingToken).ConfigureAwait(false);
        }
    }

    private async Task ClaimAsync(long workerId, int free)
    {
        long askedAt = time.GetTimestamp();
        using var limit = new CancellationTokenSource(ClaimLimit, time);
        IReadOnlyList<ClaimedGroup> groups = await ledger.ClaimAsync(workerId, new ClaimLimits(free, free, _lanes), _leaseTime, limit.Token).ConfigureAwait(false);
        if (groups.Count > 0)
        {
            runtime.Metrics.GroupsClaimed(groups.Count);
        }

        foreach (ClaimedGroup group in groups)
        {
            _running.Add(RunGroupAsync(keeper.Hold(group, askedAt)));
        }
    }

    private async Task RunGroupAsync(HeldLease lease)
    {
        // The claim loop goes on at once, whatever the group does before its first wait.
        await Task.Yield();
        try
        {
            await runner.RunAsync(lease).ConfigureAwait(false);
        }
        catch (EngineInvariantException exception)
        {
            logger.EngineStopped(exception.Message);
            runtime.Exit.Fail();
        }
        finally
        {
            await lease.DisposeAsync().ConfigureAwait(false);
            // A slot is free, and the next stage of the job may have become ready.
            wakeUp.WorkChanged();
        }
    }

    private async Task WaitAsync(CancellationToken stoppingToken)
    {
        // Jitter of a quarter keeps workers that started together from asking together.
        double seconds = options.PollSeconds * (0.75 + (0.5 * _jitter.NextDouble()));
        try
        {
            _ = await wakeUp.Work.WaitAsync(TimeSpan.FromSeconds(seconds), time, stoppingToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The loop's condition ends it.
        }
    }

    private async Task PauseAsync(Exception exception, int failures, CancellationToken stoppingToken)
    {
        TimeSpan delay = _backoff.Next(failures);
        logger.DatabaseUnreachable(exception.GetType().Name, delay.TotalMilliseconds);
        try
        {
            await Task.Delay(delay, time, stoppingToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The caller's loop ends by its condition.
        }
    }

    private async Task DrainAsync(long workerId)
    {
        DrainSignal drain = runtime.Drain;
        drain.Begin();
        _ = _running.RemoveAll(group => group.IsCompleted);
        logger.DrainBegan(workerId, _running.Count, options.GraceSeconds);
        Task all = Task.WhenAll(_running);
        if (!await EndsWithinAsync(all, TimeSpan.FromSeconds(options.GraceSeconds)).ConfigureAwait(false))
        {
            logger.DrainEnded(_running.Count(group => !group.IsCompleted));
            drain.End();
            _ = await EndsWithinAsync(all, SettleLimit).ConfigureAwait(false);
        }
    }

    private async Task<bool> EndsWithinAsync(Task task, TimeSpan limit)
    {
        long begun = time.GetTimestamp();
        while (true)
        {
            runtime.Activity.Looked();
            TimeSpan left = limit - time.GetElapsedTime(begun);
            TimeSpan wait = left > DrainLook ? DrainLook : left > TimeSpan.Zero ? left : TimeSpan.Zero;
            try
            {
                await task.WaitAsync(wait, time).ConfigureAwait(false);
                return true;
            }
            catch (TimeoutException) when (!task.IsCompleted)
            {
                if (time.GetElapsedTime(begun) >= limit)
                {
                    return false;
                }
            }
        }
    }

    private async Task UnregisterAsync(long workerId)
    {
        try
        {
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(5), time);
            await ledger.UnregisterWorkerAsync(workerId, limit.Token).ConfigureAwait(false);
            logger.WorkerStopped(workerId);
        }
        catch (Exception exception)
        {
            // Broad on purpose: the last thing a process does must not turn an orderly stop into a failure.
            logger.UnregisterFailed(workerId, exception.GetType().Name);
        }
    }
}
