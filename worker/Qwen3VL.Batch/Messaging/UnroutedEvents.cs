namespace Qwen3VL.Batch.Messaging;

/// <summary>What becomes of an event that the broker returns because no queue is bound for it.</summary>
internal enum UnroutedEvents
{
    /// <summary>Nobody has subscribed: that is no error. The event is counted and forgotten.</summary>
    Drop,

    /// <summary>It is sent again, and becomes a dead letter in the end: for installations where a subscriber must exist.</summary>
    Keep,
}
