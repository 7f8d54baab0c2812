namespace Qwen3VL.Batch.Storage;

/// <summary>Section <c>Retention</c>: how long what has served its purpose is kept.</summary>
internal sealed record RetentionOptions
{
    /// <summary>
    /// Days in which a repeated command is recognized by its idempotency key. Also how long refusals are kept. A key of an open job stays.
    /// </summary>
    public int KeyDays { get; init; } = 30;

    /// <summary>Days in which a consumer's seen messages are kept.</summary>
    public int InboxDays { get; init; } = 7;

    /// <summary>Days after which dead letters that were replayed or discarded go; open ones stay for ever.</summary>
    public int DeadLetterDays { get; init; } = 90;

    /// <summary>Days after which stopped workers are forgotten.</summary>
    public int WorkerDays { get; init; } = 7;

    /// <summary>
    /// Months that results are kept; 0 for ever, the default: nothing that somebody paid for goes away unless it was said. Only the schema's
    /// owner can drop them.
    /// </summary>
    public int ResultMonths { get; init; }
}
