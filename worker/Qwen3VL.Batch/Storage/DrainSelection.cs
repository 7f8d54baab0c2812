namespace Qwen3VL.Batch.Storage;

/// <summary>Which workers are meant; any one of the three is enough.</summary>
/// <param name="WorkerIds">By id.</param>
/// <param name="Host">All of a machine; null for none.</param>
/// <param name="All">All.</param>
internal sealed record DrainSelection(IReadOnlyList<long> WorkerIds, string? Host, bool All);
