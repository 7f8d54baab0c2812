using Qwen3VL.Batch.Jobs;

namespace Qwen3VL.Batch.Storage;

/// <summary>How a job's work stands.</summary>
/// <param name="Job">The job.</param>
/// <param name="Chunks">Counts over its chunks.</param>
/// <param name="Groups">Groups that are not done, in order of number; the first hundred.</param>
/// <param name="OpenDeadLetters">Dead letters of it that wait for somebody.</param>
/// <param name="DeadLetters">Dead letters of it in all.</param>
/// <param name="Usage">What it used and cost.</param>
internal sealed record JobDetails(
    JobRecord Job, ChunkCounts Chunks, IReadOnlyList<GroupRow> Groups, int OpenDeadLetters, int DeadLetters, UsageRow Usage);
