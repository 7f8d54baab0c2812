using Qwen3VL.Engine.Diagnostics;

namespace Qwen3VL.Engine;

/// <summary>How the weights of a checkpoint are loaded.</summary>
public sealed record WeightLoading
{
    /// <summary>Element type that matrices are kept in.</summary>
    public WeightStorage Storage { get; init; }

    /// <summary>A LoRA adapter folder as PEFT saves it, loaded with the model; null for none.</summary>
    public string? AdapterFolder { get; init; }

    /// <summary>Where progress and left-over tensors are reported.</summary>
    public IEngineLog Log { get; init; } = NoEngineLog.Instance;

    /// <summary>Clock of the intervals between two reports.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;
}
