namespace Qwen3VL.Batch.Storage;

/// <summary>One month of the big tables.</summary>
/// <param name="Month">Its first day.</param>
/// <param name="Tables">Tables that have the month; all of them unless something is missing or just being dropped.</param>
/// <param name="Missing">Tables that lack it.</param>
/// <param name="Rows">Rows over all tables, as estimated by the last ANALYZE.</param>
/// <param name="Bytes">Bytes over all tables with their indexes.</param>
internal sealed record PartitionMonth(DateOnly Month, int Tables, IReadOnlyList<string> Missing, long Rows, long Bytes);
