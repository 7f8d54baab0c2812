namespace Qwen3VL.Batch.Media;

/// <summary>
/// A source could not be fetched now: its server does not answer, is too busy or too slow, or there is no room for the file. Nothing says that the
/// job is at fault, and the work may be tried again. The message names scheme and host only.
/// </summary>
internal sealed class SourceUnavailableException : IOException
{
    /// <summary>Creates one.</summary>
    public SourceUnavailableException(string message)
        : base(message)
    {
    }

    /// <summary>Creates one that keeps its cause for the debugger.</summary>
    public SourceUnavailableException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Whether this worker has no room for the file now: another may have, and the source is not at fault however often it happens.</summary>
    public bool IsOfWorker { get; init; }
}
