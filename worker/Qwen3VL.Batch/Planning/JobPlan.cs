using Qwen3VL.Batch.Jobs;

namespace Qwen3VL.Batch.Planning;

/// <summary>All chunks of a job, made once and committed at once.</summary>
/// <param name="Facts">What probing found.</param>
/// <param name="Groups">Groups in order; every chunk stands in exactly one.</param>
internal sealed record JobPlan(SourceFacts Facts, IReadOnlyList<PlannedGroup> Groups);
