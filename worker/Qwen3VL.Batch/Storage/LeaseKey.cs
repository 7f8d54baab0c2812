namespace Qwen3VL.Batch.Storage;

/// <summary>Names one lease.</summary>
/// <param name="JobId">Job.</param>
/// <param name="GroupNo">Group of the job.</param>
/// <param name="Fence">Number of the claim.</param>
internal readonly record struct LeaseKey(Guid JobId, int GroupNo, long Fence);
