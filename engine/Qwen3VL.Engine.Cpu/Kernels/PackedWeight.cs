using Qwen3VL.Engine.Backends;

namespace Qwen3VL.Engine.Cpu.Kernels;

/// <summary>A packed weight as kernels see it; memory belongs to the <see cref="CpuWeight"/>.</summary>
internal unsafe struct PackedWeight
{
    /// <summary>Elements in the layout of <see cref="PackedMatrix"/>.</summary>
    internal byte* Values;

    /// <summary>Type of the elements.</summary>
    internal WeightType Type;

    /// <summary>Scales <c>[panel][scale block][32]</c>, one for each feature and block of inputs, times <see cref="NarrowFloats.Float8Factor"/>; null for a type without scales.</summary>
    internal float* Scales;

    /// <summary>Inputs that share a scale; the depth for a type without scales.</summary>
    internal int ScaleDepth;

    /// <summary>Scale blocks over the depth.</summary>
    internal int ScaleBlocks;

    /// <summary>The scales of a panel at a depth; null for a type without scales.</summary>
    internal readonly float* ScalesAt(long panel, int depth) =>
        Scales == null ? null : Scales + (panel * ScaleBlocks + depth / ScaleDepth) * PackedMatrix.PanelWidth;
}
