namespace Qwen3VL.Batch.Messaging;

/// <summary>The database was away for longer than a command may wait. The command goes back to its queue; it is not at fault.</summary>
internal sealed class LedgerUnavailableException() : Exception("database must answer before a command is given back; it did not");
