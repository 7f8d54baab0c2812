using Microsoft.Extensions.Logging;

namespace Qwen3VL.Batch.Pipeline;

/// <summary>
/// Repeats a ledger call while the database is away, so that a chunk that took minutes is not thrown away for a restart of seconds. Every
/// ledger call is idempotent by lease and chunk, so a commit whose reply was lost may be repeated. The caller's token bounds it: a lease's
/// token fires when the lease can no longer be trusted. Meanwhile a finished result stays in memory, in the place of the chunk that made it:
/// <c>Worker:Slots</c> times <c>Worker:ChunksAtOnce</c> results at most, for a chunk that cannot say that it begins does not begin.
/// </summary>
internal sealed class LedgerRetry(TimeProvider time, ILogger<LedgerRetry> logger)
{
    private static readonly TimeSpan BaseDelay = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan DelayCap = TimeSpan.FromSeconds(5);

    // Heartbeats get through and this call does not: the next worker may have more luck, and the group's own delay grows.
    private static readonly TimeSpan GiveBackAfter = TimeSpan.FromMinutes(3);

    private readonly FullJitterBackoff _backoff = new(BaseDelay, DelayCap, Environment.ProcessId);

    /// <summary>Runs the call until it succeeds, fails for good or for three minutes, or the token fires.</summary>
    public Task<T> RunAsync<T>(Func<CancellationToken, Task<T>> call, CancellationToken cancellationToken)
    {
        long begunAt = time.GetTimestamp();
        return RunAsync(
            call, exception => TransientErrors.IsTransient(exception) && time.GetElapsedTime(begunAt) < GiveBackAfter, cancellationToken);
    }

    /// <summary>Runs the call until it succeeds, fails with what may not be tried again, or the token fires.</summary>
    public async Task<T> RunAsync<T>(Func<CancellationToken, Task<T>> call, Func<Exception, bool> mayTryAgain, CancellationToken cancellationToken)
    {
        for (int failures = 0; ; failures++)
        {
            try
            {
                return await call(cancellationToken).ConfigureAwait(false);
            }
            catch (Exception exception) when (mayTryAgain(exception))
            {
                TimeSpan delay = _backoff.Next(failures);
                logger.LedgerCallRetried(exception.GetType().Name, failures + 1, delay.TotalMilliseconds);
                await Task.Delay(delay, time, cancellationToken).ConfigureAwait(false);
            }
        }
    }
}
