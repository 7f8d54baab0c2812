namespace Qwen3VL.Batch.Planning;

/// <summary>Consecutive chunks of one stage that share a prompt prefix: the unit of lease. One worker holds all of it.</summary>
/// <param name="GroupNo">From 1, unique in the job; 0 is the planning itself.</param>
/// <param name="Stage">Stage of its chunks.</param>
/// <param name="Chunks">In order, without gaps.</param>
internal sealed record PlannedGroup(int GroupNo, int Stage, IReadOnlyList<PlannedChunk> Chunks);
