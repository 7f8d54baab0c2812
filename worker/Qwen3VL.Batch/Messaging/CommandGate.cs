using Qwen3VL.Batch.Pipeline;

namespace Qwen3VL.Batch.Messaging;

/// <summary>
/// Runs the transaction of one command. While the database is away commands wait here, unacknowledged: all consumer slots fill, so that the
/// queue keeps the rest, and nothing is dead-lettered for a fault that is not its own. Broker retries would use up the delivery limit.
/// </summary>
internal sealed class CommandGate(LedgerRetry retry, TimeProvider time)
{
    // Far below the broker's consumer timeout (30 minutes), far above a failover.
    private static readonly TimeSpan WaitLimit = TimeSpan.FromMinutes(5);

    /// <summary>Runs the call, waiting for the database if need be.</summary>
    /// <exception cref="LedgerUnavailableException">The wait took too long. Never an <see cref="OperationCanceledException"/> of its own: that ends MassTransit's receiver for good.</exception>
    public async Task<T> RunAsync<T>(Func<CancellationToken, Task<T>> call, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(WaitLimit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            return await retry.RunAsync(call, either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new LedgerUnavailableException();
        }
    }
}
