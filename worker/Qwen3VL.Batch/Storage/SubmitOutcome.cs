namespace Qwen3VL.Batch.Storage;

/// <summary>What became of a submit command.</summary>
/// <param name="Status">Accepted, known or refused.</param>
/// <param name="JobId">The job; of a conflict, the job that holds the key.</param>
internal readonly record struct SubmitOutcome(SubmitStatus Status, Guid JobId);
