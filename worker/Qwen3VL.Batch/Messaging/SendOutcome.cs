namespace Qwen3VL.Batch.Messaging;

/// <summary>What the broker said to a message of the outbox. When it said nothing, there is no outcome but an exception.</summary>
internal enum SendOutcome
{
    /// <summary>It is in every queue that is bound for it.</summary>
    Confirmed,

    /// <summary>No queue is bound for it: it was returned.</summary>
    Unrouted,

    /// <summary>A queue that is bound for it did not take it, for example because it is full; others may have.</summary>
    Refused,
}
