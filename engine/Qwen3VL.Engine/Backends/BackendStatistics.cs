namespace Qwen3VL.Engine.Backends;

/// <summary>What lives on the device now: a step must leave it as it found it, up to encoder outputs.</summary>
/// <param name="LiveTensors">Tensors not yet disposed.</param>
/// <param name="LiveTensorBytes">Their bytes.</param>
/// <param name="WeightBytes">Bytes of weights.</param>
/// <param name="KvBytes">Bytes of KV caches.</param>
public readonly record struct BackendStatistics(int LiveTensors, long LiveTensorBytes, long WeightBytes, long KvBytes);
