namespace Qwen3VL.Engine.Execution;

/// <summary>What the door asks of the engine thread; carried out between two steps.</summary>
/// <param name="Kind">What to do.</param>
/// <param name="Generation">The request to submit; null otherwise.</param>
/// <param name="RequestId">The request to abort; 0 otherwise.</param>
internal readonly record struct EngineCommand(EngineCommandKind Kind, ActiveGeneration? Generation = null, long RequestId = 0);
