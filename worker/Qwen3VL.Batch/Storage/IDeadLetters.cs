namespace Qwen3VL.Batch.Storage;

/// <summary>
/// What was given up: chunks, commands and events, until a person replays or discards them. Each method is one short transaction, except a
/// replay, which is one for each follow-up job or message. Every change leaves a row in the audit.
/// </summary>
internal interface IDeadLetters
{
    /// <summary>Records one, or counts a repeat of one that is open.</summary>
    /// <returns>Its id.</returns>
    Task<Guid> RecordAsync(NewDeadLetter letter, CancellationToken cancellationToken);

    /// <summary>Those that the query asks for, newest first.</summary>
    Task<IReadOnlyList<StoredDeadLetter>> ListAsync(DeadLetterQuery query, CancellationToken cancellationToken);

    /// <summary>What was done to one, in order; empty when the tenant has no such one.</summary>
    Task<IReadOnlyList<DeadLetterAuditRow>> ReadAuditAsync(long tenantId, Guid id, CancellationToken cancellationToken);

    /// <summary>
    /// Replays: a chunk becomes part of one follow-up job for each job, a command is sent again under a new id, an event under its old one. Two
    /// replays at once do each dead letter once; a replay that was cut short is finished by repeating it.
    /// </summary>
    /// <returns>One outcome for each dead letter that the query found.</returns>
    Task<IReadOnlyList<ReplayedLetter>> ReplayAsync(DeadLetterReplay replay, CancellationToken cancellationToken);

    /// <summary>Closes open ones for good.</summary>
    /// <returns>The ids that were open.</returns>
    Task<IReadOnlyList<Guid>> DiscardAsync(long tenantId, IReadOnlyList<Guid> ids, string actor, string reason, CancellationToken cancellationToken);
}
