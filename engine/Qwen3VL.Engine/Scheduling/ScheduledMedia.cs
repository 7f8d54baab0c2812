using Qwen3VL.Engine.Caching;

namespace Qwen3VL.Engine.Scheduling;

/// <summary>A media item to encode before the step's tokens run.</summary>
/// <param name="Sequence">The sequence that brings its pixels.</param>
/// <param name="MediaIndex">Which item of it.</param>
/// <param name="Content">The key its output is kept under.</param>
internal readonly record struct ScheduledMedia(SequenceState Sequence, int MediaIndex, ContentHash Content);
