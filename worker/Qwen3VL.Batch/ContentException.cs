using Qwen3VL.Batch.Results;

namespace Qwen3VL.Batch;

/// <summary>
/// The input or the model's answer is at fault: trying again the same way gives the same failure. Recorded in the job or chunk by code and
/// message; the worker goes on. The message never carries document text, model output, file contents or absolute paths.
/// </summary>
internal sealed class ContentException : Exception
{
    /// <summary>Creates one.</summary>
    /// <param name="code">Stable code, see <see cref="Jobs.ErrorCodes"/>.</param>
    /// <param name="message">What was wrong and what it must be.</param>
    public ContentException(string code, string message)
        : base(message) => Code = code;

    /// <summary>Creates one that keeps its cause for the debugger; the cause is not recorded.</summary>
    public ContentException(string code, string message, Exception innerException)
        : base(message, innerException) => Code = code;

    /// <summary>Stable code.</summary>
    public string Code { get; }

    /// <summary>Whether the same work on smaller media may succeed: what failed is the room, not the content.</summary>
    public bool MaySucceedSmaller { get; init; }

    /// <summary>
    /// What the chunk leaves behind although it failed: the issues with their raw answers, and the usage. Everything else in it is empty.
    /// </summary>
    public ChunkResult Evidence { get; init; } = new();
}
