using Npgsql;
using Qwen3VL.Batch.Pipeline;

namespace Qwen3VL.Batch.Messaging;

/// <summary>
/// Runs the transaction of one command. While the database is away, or answers as if it were set up wrongly, commands wait here,
/// unacknowledged: all consumer slots fill, so that the queue keeps the rest, and nothing is dead-lettered for a fault that is not its own.
/// </summary>
internal sealed class CommandGate(LedgerRetry retry, TimeProvider time)
{
    /// <summary>How long a command waits for the database.</summary>
    // Below the broker's consumer timeout of 30 minutes, which counts from the delivery; the prefetch is the concurrency, so a delivered
    // command is here at once. With the delivery limit of 20 a command outlives an outage of 20 * 25 minutes, more than 8 hours.
    internal static readonly TimeSpan WaitLimit = TimeSpan.FromMinutes(25);

    /// <summary>Runs the call, waiting for the database if need be.</summary>
    /// <exception cref="LedgerUnavailableException">
    /// The wait took too long, or the worker stops: the command goes back to its queue. Never an <see cref="OperationCanceledException"/>:
    /// MassTransit takes one for a fault of the command, and one of its own ends the receiver for good.
    /// </exception>
    public async Task<T> RunAsync<T>(Func<CancellationToken, Task<T>> call, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(WaitLimit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            return await retry.RunAsync(call, IsLedgerAtFault, either.Token).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is OperationCanceledException || IsLedgerAtFault(exception))
        {
            throw new LedgerUnavailableException();
        }
    }

    // Values that the database refuses (classes 22 and 23 of the PostgreSQL manual, appendix A) come from the command; whatever else it says
    // is about itself: a command was validated before it came here.
    private static bool IsLedgerAtFault(Exception exception) =>
        TransientErrors.IsTransient(exception)
        || (exception is NpgsqlException and not PostgresException)
        || (exception is PostgresException postgres && postgres.SqlState[..2] is not ("22" or "23"));
}
