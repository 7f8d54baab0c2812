using Qwen3VL.Batch.Contracts.V1;
using Qwen3VL.Batch.Planning;

namespace Qwen3VL.Batch.Storage;

/// <summary>A chunk that was given up.</summary>
/// <param name="Chunk">Which.</param>
/// <param name="Error">Why.</param>
internal sealed record FailedChunk(PlannedChunk Chunk, JobError Error);
