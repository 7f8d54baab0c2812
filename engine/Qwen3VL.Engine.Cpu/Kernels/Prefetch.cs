using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Qwen3VL.Engine.Cpu.Kernels;

/// <summary>Asks for memory before it is needed; a hint without effect on results.</summary>
internal static unsafe class Prefetch
{
    /// <summary>Brings the cache line of an address closer. The address need not be readable.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void Line(float* address)
    {
        if (Sse.IsSupported)
        {
            Sse.Prefetch0(address);
        }
    }
}
