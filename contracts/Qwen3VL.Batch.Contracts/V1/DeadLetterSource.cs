namespace Qwen3VL.Batch.Contracts.V1;

/// <summary>What a dead letter was.</summary>
public enum DeadLetterSource
{
    /// <summary>A chunk of a job that was given up.</summary>
    Chunk,

    /// <summary>A command that could not be handled.</summary>
    Message,

    /// <summary>An event or a replayed command that the broker did not take.</summary>
    Outbox,
}
