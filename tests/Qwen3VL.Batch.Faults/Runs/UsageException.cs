namespace Qwen3VL.Batch.Faults.Runs;

/// <summary>The command line is wrong; the message says what it must be.</summary>
internal sealed class UsageException(string message) : Exception(message);
