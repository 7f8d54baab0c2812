using Qwen3VL.Batch.Planning;

namespace Qwen3VL.Batch.Storage;

/// <summary>A chunk of a held group that has not ended.</summary>
/// <param name="Chunk">Which.</param>
/// <param name="History">What happened to it before.</param>
/// <param name="IsDue">False while the pause after its last failure lasts.</param>
internal sealed record OpenChunk(PlannedChunk Chunk, ChunkHistory History, bool IsDue = true);
