namespace Qwen3VL.Batch.Planning;

/// <summary>One unit of result: it ends exactly once.</summary>
/// <param name="ChunkNo">From 0, unique in the job.</param>
/// <param name="Kind">What it does.</param>
/// <param name="Stage">
/// Chunks of stage s run when all of stage s - 1 have ended. Pages and windows are stage 0, the merge is stage 1, and reductions of level n are
/// stage n: they read the partial summaries of level n - 1.
/// </param>
/// <param name="FirstUnit">First page, first millisecond, or first level-0 part that a reduction covers (see <see cref="Results.SummaryPart"/>).</param>
/// <param name="LastUnit">Last page, last level-0 part (inclusive), or end millisecond (exclusive).</param>
internal sealed record PlannedChunk(int ChunkNo, ChunkKind Kind, int Stage, int FirstUnit, int LastUnit)
{
    /// <summary>Whether it reads the job's file, and not only what other chunks made of it.</summary>
    public bool ReadsSource => Kind is ChunkKind.Pages or ChunkKind.Window;
}
