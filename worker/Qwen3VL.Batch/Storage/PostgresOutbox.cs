using Npgsql;
using Qwen3VL.Batch.Faults;
using Qwen3VL.Batch.Jobs;

namespace Qwen3VL.Batch.Storage;

/// <summary>The outbox in PostgreSQL. Any number of relays; a row that a relay took and lost comes back when its hold ends.</summary>
internal sealed class PostgresOutbox(NpgsqlDataSource database, ICrashPoints? crashPoints = null) : IOutbox
{
    private const string Take =
        """
        WITH due AS MATERIALIZED (
          SELECT id FROM vq.outbox WHERE run_at <= now() ORDER BY run_at, id LIMIT @Count FOR UPDATE SKIP LOCKED)
        UPDATE vq.outbox o SET run_at = now() + make_interval(secs => @HoldSeconds)
        FROM due d WHERE o.id = d.id
        RETURNING o.id AS Id, o.message_type AS MessageType, o.body::text AS Body, o.tries AS Tries, o.destination AS Destination,
          o.headers::text AS Headers
        """;

    private const string Hold = "UPDATE vq.outbox SET run_at = now() + make_interval(secs => @HoldSeconds) WHERE id = ANY(@Ids)";

    private const string Delete = "DELETE FROM vq.outbox WHERE id = ANY(@Ids)";

    private const string Postpone =
        """
        UPDATE vq.outbox SET run_at = now() + make_interval(secs => @DelaySeconds), last_error = @Error,
          tries = CASE WHEN @Refused THEN tries + 1 ELSE tries END
        WHERE id = @Id
        """;

    private const string GiveUp =
        """
        DELETE FROM vq.outbox WHERE id = @Id
        RETURNING id AS Id, job_id AS JobId, message_type AS MessageType, body::text AS Body, tries AS Tries, destination AS Destination,
          headers::text AS Headers,
          CASE WHEN jsonb_typeof(body->'tenantId') = 'number' AND body->>'tenantId' ~ '^[0-9]{1,18}$' THEN (body->>'tenantId')::bigint ELSE 0 END
            AS TenantId
        """;

    // Who records it in the audit: no person asked for it.
    private const string Actor = "outbox relay";

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
    public async Task HoldAsync(IReadOnlyList<Guid> ids, TimeSpan holdTime, CancellationToken cancellationToken)
    {
        await using LedgerSession session = await LedgerSession.BeginAsync(database, cancellationToken).ConfigureAwait(false);
        await session.ExecuteAsync(Hold, new { Ids = ids.ToArray(), HoldSeconds = holdTime.TotalSeconds }).ConfigureAwait(false);
        await session.CommitAsync().ConfigureAwait(false);
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
    public async Task PostponeAsync(Guid id, TimeSpan delay, string error, bool refused, CancellationToken cancellationToken)
    {
        await using LedgerSession session = await LedgerSession.BeginAsync(database, cancellationToken).ConfigureAwait(false);
        var postpone = new
        {
            Id = id,
            DelaySeconds = delay.TotalSeconds,
            Error = StoredText.Clean(error, StoredText.MessageLength),
            Refused = refused,
        };
        await session.ExecuteAsync(Postpone, postpone).ConfigureAwait(false);
        await session.CommitAsync().ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task GiveUpAsync(Guid id, string error, CancellationToken cancellationToken)
    {
        await using LedgerSession session = await LedgerSession.BeginAsync(database, cancellationToken).ConfigureAwait(false);
        if (await session.FindAsync<OutboxRow>(GiveUp, new { Id = id }).ConfigureAwait(false) is not { } row)
        {
            return;
        }

        var letter = new NewDeadLetter
        {
            Source = "outbox",
            DedupKey = $"outbox:{row.Id}",
            TenantId = row.TenantId,
            JobId = row.JobId,
            Queue = row.Destination,
            MessageType = row.MessageType,
            Headers = row.Headers,
            Body = row.Body,
            ErrorCode = ErrorCodes.MessageUnsent,
            ErrorText = StoredText.Clean(error, StoredText.MessageLength),
            Attempts = row.Tries + 1,
            Actor = Actor,
        };
        if (await session.FindValueAsync<Guid>(DeadLetterRecordSql.ReopenOutbox, letter).ConfigureAwait(false) is null)
        {
            _ = await session.FindValueAsync<Guid>(DeadLetterRecordSql.Record, letter).ConfigureAwait(false);
        }

        await session.CommitAsync().ConfigureAwait(false);
    }
}
