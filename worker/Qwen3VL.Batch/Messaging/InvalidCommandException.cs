namespace Qwen3VL.Batch.Messaging;

/// <summary>A command is wrong: one that names no job or key to answer to becomes a dead letter, one that is too large is not even sent.</summary>
internal sealed class InvalidCommandException(string message) : Exception(message);
