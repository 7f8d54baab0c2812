namespace Qwen3VL.Batch.Storage;

/// <summary>Messages that were committed with the work they tell of, waiting to be sent: events, and commands that are sent again.</summary>
internal interface IOutbox
{
    /// <summary>Takes due rows for a while: no other relay sees them before <paramref name="holdTime"/> has passed.</summary>
    Task<IReadOnlyList<OutboxMessage>> TakeAsync(int count, TimeSpan holdTime, CancellationToken cancellationToken);

    /// <summary>Holds rows for longer, counted from now: for sendings that still wait for the broker's answer. Rows that are gone are left out.</summary>
    Task HoldAsync(IReadOnlyList<Guid> ids, TimeSpan holdTime, CancellationToken cancellationToken);

    /// <summary>Deletes rows that are settled: the broker confirmed them, or nobody wanted them.</summary>
    Task DeleteAsync(IReadOnlyList<Guid> ids, CancellationToken cancellationToken);

    /// <summary>Notes a sending that failed or whose outcome is unknown; due again after the delay.</summary>
    /// <param name="id">Which row.</param>
    /// <param name="delay">Due again after it.</param>
    /// <param name="error">What is known, without text of messages.</param>
    /// <param name="refused">The broker surely did not take it: counts as a try. An unknown outcome does not.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    Task PostponeAsync(Guid id, TimeSpan delay, string error, bool refused, CancellationToken cancellationToken);

    /// <summary>Moves a row that the broker never takes to the dead letters, body and all, in one transaction.</summary>
    Task GiveUpAsync(Guid id, string error, CancellationToken cancellationToken);
}
