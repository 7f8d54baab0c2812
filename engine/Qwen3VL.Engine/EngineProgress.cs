namespace Qwen3VL.Engine;

/// <summary>A sign of life of an engine: one that has open requests and whose work does not grow for minutes is stuck.</summary>
/// <param name="Work">Grows whenever a piece of computing has ended, from a single layer up. Its size means nothing.</param>
/// <param name="OpenRequests">Requests that were submitted and have not ended.</param>
public readonly record struct EngineProgress(long Work, int OpenRequests);
