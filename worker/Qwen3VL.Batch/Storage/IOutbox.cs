namespace Qwen3VL.Batch.Storage;

/// <summary>Events that were committed with the work they tell of, waiting to be sent.</summary>
internal interface IOutbox
{
    /// <summary>Takes due rows for a while: no other relay sees them before <paramref name="holdTime"/> has passed.</summary>
    Task<IReadOnlyList<OutboxMessage>> TakeAsync(int count, TimeSpan holdTime, CancellationToken cancellationToken);

    /// <summary>Deletes rows whose sending the broker confirmed.</summary>
    Task DeleteAsync(IReadOnlyList<Guid> ids, CancellationToken cancellationToken);

    /// <summary>Notes a sending that failed or whose outcome is unknown; due again after the delay.</summary>
    Task PostponeAsync(Guid id, TimeSpan delay, string error, CancellationToken cancellationToken);
}
