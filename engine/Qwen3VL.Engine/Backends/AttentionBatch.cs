namespace Qwen3VL.Engine.Backends;

/// <summary>
/// The geometry of paged attention for one step, prepared once and used by every layer. Sequence s owns batch rows
/// <c>[QueryStarts[s], QueryStarts[s+1])</c>; its rows are the last of its <c>ContextLengths[s]</c> tokens, so row j of n sees the keys
/// <c>0 .. ContextLengths[s] - n + j</c>. Key t of the sequence lies in slot <c>BlockTables[s][t / 16] * 16 + t % 16</c>.
/// </summary>
/// <param name="NumSequences">Sequences in the step.</param>
/// <param name="QueryStarts"><c>[sequences + 1]</c> prefix sums of scheduled tokens.</param>
/// <param name="ContextLengths"><c>[sequences]</c> tokens whose keys exist after this step's keys are written.</param>
/// <param name="BlockTables"><c>[sequences][blocks]</c> block ids.</param>
public sealed record AttentionBatch(int NumSequences, int[] QueryStarts, int[] ContextLengths, int[][] BlockTables);
