namespace Qwen3VL.Batch.Storage;

/// <summary>How a chunk goes on after an execution that failed.</summary>
/// <param name="Delay">Pause before it is due again.</param>
/// <param name="CountsFailure">Whether the failure counts against the chunk's cap.</param>
/// <param name="Degrades">Whether the next execution takes smaller media.</param>
internal readonly record struct ChunkRetry(TimeSpan Delay, bool CountsFailure, bool Degrades);
