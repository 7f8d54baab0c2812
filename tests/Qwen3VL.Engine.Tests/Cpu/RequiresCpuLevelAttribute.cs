using Qwen3VL.Engine.Contract;
using Qwen3VL.Engine.Cpu;

namespace Qwen3VL.Engine.Tests.Cpu;

/// <summary>Skips a suite on a machine without a vector level.</summary>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class RequiresCpuLevelAttribute(CpuFeatureLevel level) : RuntimeConditionAttribute
{
    public override string? SkipReason =>
        CpuFeatures.IsSupported(level) ? null : $"the processor must have {level}; got {CpuFeatures.Best} at best";
}
