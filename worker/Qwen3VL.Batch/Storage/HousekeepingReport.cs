namespace Qwen3VL.Batch.Storage;

/// <summary>What housekeeping did.</summary>
/// <param name="LostWorkers">Workers taken for lost.</param>
/// <param name="DeletedRows">Old rows deleted.</param>
internal sealed record HousekeepingReport(int LostWorkers, long DeletedRows);
