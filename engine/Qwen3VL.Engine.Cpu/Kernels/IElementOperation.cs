namespace Qwen3VL.Engine.Cpu.Kernels;

/// <summary>A function of two lanes; functions of one lane ignore the second.</summary>
internal interface IElementOperation<TSimd, V>
    where TSimd : struct, ISimd<V>
    where V : struct
{
    /// <summary>Value of each lane.</summary>
    static abstract V Apply(V a, V b);
}
