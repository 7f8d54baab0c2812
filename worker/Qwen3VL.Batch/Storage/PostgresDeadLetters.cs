using System.Text.Json;
using Npgsql;
using Qwen3VL.Batch.Contracts;
using Qwen3VL.Batch.Faults;
using Qwen3VL.Batch.Planning;

namespace Qwen3VL.Batch.Storage;

/// <summary>
/// Dead letters in PostgreSQL. One partial class, one file for each duty: recording and looking, replaying. Without state of its own; safe to use
/// from any thread.
/// </summary>
internal sealed partial class PostgresDeadLetters(
    NpgsqlDataSource database, PlanningOptions defaults, TimeProvider time, ICrashPoints? crashPoints = null) : IDeadLetters
{
    private const int ActorLength = 200;
    private const int ReasonLength = 500;

    /// <inheritdoc/>
    public async Task<Guid> RecordAsync(NewDeadLetter letter, CancellationToken cancellationToken)
    {
        await using LedgerSession session = await BeginAsync(cancellationToken).ConfigureAwait(false);
        Guid? id = letter is { ReplayOf: not null, Body: not null }
            ? await session.FindValueAsync<Guid>(DeadLetterRecordSql.ReopenMessage, letter).ConfigureAwait(false)
            : null;
        id ??= await session.FindValueAsync<Guid>(DeadLetterRecordSql.Record, letter).ConfigureAwait(false);
        await session.CommitAsync().ConfigureAwait(false);
        return id.GetValueOrDefault();
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<StoredDeadLetter>> ListAsync(DeadLetterQuery query, CancellationToken cancellationToken)
    {
        await using LedgerSession session = await BeginAsync(cancellationToken).ConfigureAwait(false);
        return await session.QueryAsync<StoredDeadLetter>(DeadLetterReplaySql.List, Parameters(query)).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<DeadLetterAuditRow>> ReadAuditAsync(long tenantId, Guid id, CancellationToken cancellationToken)
    {
        await using LedgerSession session = await BeginAsync(cancellationToken).ConfigureAwait(false);
        return await session.QueryAsync<DeadLetterAuditRow>(DeadLetterReplaySql.Audit, new { TenantId = tenantId, Id = id }).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<Guid>> DiscardAsync(
        long tenantId, IReadOnlyList<Guid> ids, string actor, string reason, CancellationToken cancellationToken)
    {
        await using LedgerSession session = await BeginAsync(cancellationToken).ConfigureAwait(false);
        string by = StoredText.Clean(actor, ActorLength);
        var discard = new { TenantId = tenantId, Ids = ids.ToArray(), Actor = by };
        IReadOnlyList<Guid> discarded = await session.QueryAsync<Guid>(DeadLetterReplaySql.Discard, discard).ConfigureAwait(false);
        _ = await AuditAsync(session, discarded, "discarded", by, new { reason = StoredText.Clean(reason, ReasonLength) }).ConfigureAwait(false);
        await session.CommitAsync().ConfigureAwait(false);
        return discarded;
    }

    private static object Parameters(DeadLetterQuery query) => new
    {
        query.TenantId,
        Ids = query.Ids?.ToArray(),
        query.Status,
        query.Code,
        query.JobId,
        Source = query.Source is { } source ? StoredWord.Of(source) : null,
        Since = query.Since?.UtcDateTime,
        query.Limit,
    };

    private static Task<int> AuditAsync(LedgerSession session, IReadOnlyList<Guid> ids, string action, string actor, object detail)
    {
        var audit = new { Ids = ids.ToArray(), Action = action, Actor = actor, Detail = JsonSerializer.Serialize(detail, ContractJson.Options) };
        return session.ExecuteAsync(DeadLetterReplaySql.InsertAudit, audit);
    }

    private Task<LedgerSession> BeginAsync(CancellationToken cancellationToken) => LedgerSession.BeginAsync(database, cancellationToken);
}
