namespace Qwen3VL.Batch.Messaging;

/// <summary>Stands for a message whose body is sent as it was received; on a receive context, marks one that was sent.</summary>
internal sealed record DeadLetter;
