namespace Qwen3VL.Batch.Storage;

/// <summary>What taking a lease back found.</summary>
/// <param name="LostStarts">Chunks that were begun under it and that nobody answered for.</param>
/// <param name="Quarantined">Chunks, or a planning group, that were moved to the quarantine lane.</param>
/// <param name="Crashed">Chunks, or a job in planning, that were given up with code <c>crash</c>.</param>
internal readonly record struct TakenBack(int LostStarts, int Quarantined, int Crashed);
