namespace Qwen3VL.Batch.Faults.Network;

/// <summary>Replies of the two servers as they stand on the wire.</summary>
internal static class WirePatterns
{
    /// <summary>
    /// PostgreSQL's answer to COMMIT: CommandComplete ('C', length 11, tag). Source: PostgreSQL manual, "Message Formats".
    /// </summary>
    public static byte[] CommitComplete { get; } = [(byte)'C', 0, 0, 0, 11, .. "COMMIT\0"u8];

    /// <summary>
    /// RabbitMQ's confirm: basic.ack, a method payload of 13 bytes (class 60, method 80, tag, multiple). Source: AMQP 0-9-1, sections 4.2.3 and
    /// basic.ack.
    /// </summary>
    public static byte[] BasicAck { get; } = [0, 0, 0, 13, 0, 60, 0, 80];
}
