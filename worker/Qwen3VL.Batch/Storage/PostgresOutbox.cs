using Npgsql;
using Qwen3VL.Batch.Faults;

namespace Qwen3VL.Batch.Storage;

/// <summary>The outbox in PostgreSQL. Any number of relays; a row that a relay took and lost comes back when its hold ends.</summary>
internal sealed class PostgresOutbox(NpgsqlDataSource database, ICrashPoints? crashPoints = null) : IOutbox
{
    private const string Take =
        """
        WITH due AS MATERIALIZED (
          SELECT id FROM vq.outbox WHERE run_at <= now() ORDER BY run_at, id LIMIT @Count FOR UPDATE SKIP LOCKED)
        UPDATE vq.outbox o SET run_at = now() + make_interval(secs => @HoldSeconds), tries = o.tries + 1
        FROM due d WHERE o.id = d.id
        RETURNING o.id AS Id, o.message_type AS MessageType, o.body::text AS Body, o.tries - 1 AS Tries
        """;

    private const string Delete = "DELETE FROM vq.outbox WHERE id = ANY(@Ids)";

    private const string Postpone =
        "UPDATE vq.outbox SET run_at = now() + make_interval(secs => @DelaySeconds), last_error = @Error WHERE id = @Id";

    /// <inheritdoc/>
    public async Task<IReadOnlyList<OutboxMessage>> TakeAsync(int count, TimeSpan holdTime, CancellationToken cancellationToken)
    {
        await using LedgerSession session = await LedgerSession.BeginAsync(database, cancellationToken).ConfigureAwait(false);
        var take = new { Count = count, HoldSeconds = holdTime.TotalSeconds };
        IReadOnlyList<OutboxMessage> messages = await session.QueryAsync<OutboxMessage>(Take, take).ConfigureAwait(false);
        await session.CommitAsync().ConfigureAwait(false);

        // Ids are made in order of time; UPDATE returns rows in any order.
        return [.. messages.OrderBy(message => message.Id)];
    }

    /// <inheritdoc/>
    public async Task DeleteAsync(IReadOnlyList<Guid> ids, CancellationToken cancellationToken)
    {
        await using LedgerSession session = await LedgerSession.BeginAsync(database, cancellationToken).ConfigureAwait(false);
        await session.ExecuteAsync(Delete, new { Ids = ids.ToArray() }).ConfigureAwait(false);
        crashPoints?.Reach(CrashPoint.BeforeOutboxDelete);
        await session.CommitAsync().ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task PostponeAsync(Guid id, TimeSpan delay, string error, CancellationToken cancellationToken)
    {
        await using LedgerSession session = await LedgerSession.BeginAsync(database, cancellationToken).ConfigureAwait(false);
        var postpone = new { Id = id, DelaySeconds = delay.TotalSeconds, Error = StoredText.Clean(error, StoredText.MessageLength) };
        await session.ExecuteAsync(Postpone, postpone).ConfigureAwait(false);
        await session.CommitAsync().ConfigureAwait(false);
    }
}
