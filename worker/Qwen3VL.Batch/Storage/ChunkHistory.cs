namespace Qwen3VL.Batch.Storage;

/// <summary>What happened to an open chunk before this execution.</summary>
/// <param name="Starts">Executions that were begun.</param>
/// <param name="Failures">Executions that ended in an error that counts: of the content, or a defect.</param>
/// <param name="LostStarts">Executions that nobody answered for: their process died, or its engine stopped.</param>
/// <param name="Degradation">Steps by which its media are to be made smaller.</param>
/// <param name="LastCode">Code of the last error; null when there was none.</param>
internal sealed record ChunkHistory(int Starts, int Failures, int LostStarts, int Degradation, string? LastCode)
{
    /// <summary>A chunk that was never begun.</summary>
    public static ChunkHistory None { get; } = new(0, 0, 0, 0, null);

    /// <summary>Whether it may be what ended a process: it must not run beside others that may be, too.</summary>
    public bool IsSuspect => LostStarts > 0;
}
