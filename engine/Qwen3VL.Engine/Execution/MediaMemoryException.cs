using Qwen3VL.Engine.Scheduling;

namespace Qwen3VL.Engine.Execution;

/// <summary>
/// A step was not run because the device has no memory to encode some of its media. No key or value was written; every other media item of
/// the step is encoded. Raised by a runner, handled by the core; never leaves the engine.
/// </summary>
internal sealed class MediaMemoryException : Exception
{
    /// <summary>Creates one.</summary>
    /// <param name="failed">The media items without an output; at least one.</param>
    /// <param name="innerException">What the device said of the first of them.</param>
    public MediaMemoryException(IReadOnlyList<ScheduledMedia> failed, Exception innerException)
        : base($"media of a step must be encodable in the device's memory; got {failed.Count} without room", innerException) => Failed = failed;

    /// <summary>The media items without an output.</summary>
    public IReadOnlyList<ScheduledMedia> Failed { get; }
}
