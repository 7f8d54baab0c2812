namespace Qwen3VL.Batch.Messaging;

/// <summary>Stands for a message whose body is sent as it was received.</summary>
internal sealed record DeadLetter;
