namespace Qwen3VL.Batch.Results;

/// <summary>The objects of an answer.</summary>
/// <param name="Objects">Complete objects in order.</param>
/// <param name="Dropped">Entries of the list that were not readable objects.</param>
/// <param name="Truncated">The text ended inside the list.</param>
internal sealed record ModelRecords(IReadOnlyList<IReadOnlyDictionary<string, ModelValue>> Objects, int Dropped, bool Truncated);
