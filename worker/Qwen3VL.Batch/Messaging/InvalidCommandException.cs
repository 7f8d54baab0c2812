namespace Qwen3VL.Batch.Messaging;

/// <summary>A command that names no job or key to answer to is wrong: it becomes a dead letter.</summary>
internal sealed class InvalidCommandException(string message) : Exception(message);
