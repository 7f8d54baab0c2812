using Qwen3VL.Batch.Contracts.V1;
using Qwen3VL.Batch.Results;

namespace Qwen3VL.Batch.Pipeline;

/// <summary>A failure of one execution of a chunk.</summary>
/// <param name="Class">Who is at fault.</param>
/// <param name="Error">What is recorded: ids, counts and rules, never document or model text.</param>
/// <param name="Evidence">Raw answers and usage that are kept with it.</param>
internal sealed record ChunkFailure(FailureClass Class, JobError Error, ChunkResult Evidence);
