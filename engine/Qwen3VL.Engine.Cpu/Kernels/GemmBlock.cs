namespace Qwen3VL.Engine.Cpu.Kernels;

/// <summary>A block of depth of one panel, on the stack of the thread that multiplies it: widened, or as stored.</summary>
internal unsafe struct GemmBlock
{
    /// <summary>Panel of 32 features.</summary>
    internal long Panel;

    /// <summary>First input.</summary>
    internal int FirstDepth;

    /// <summary>Inputs.</summary>
    internal int Depth;

    /// <summary><c>[depth][32]</c> as 32-bit floats, or null when the block is used as stored.</summary>
    internal float* Wide;

    /// <summary><c>[depth][32]</c> in the weight's type; null when widened.</summary>
    internal byte* Stored;

    /// <summary>Scales of the 32 features; null for a type without scales, and when widened.</summary>
    internal float* Scales;
}
