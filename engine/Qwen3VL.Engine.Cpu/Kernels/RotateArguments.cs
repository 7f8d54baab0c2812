namespace Qwen3VL.Engine.Cpu.Kernels;

/// <summary>Operands of a rotation; lengths are checked by the caller.</summary>
internal unsafe struct RotateArguments
{
    /// <summary><c>[rows, heads * headDim]</c>.</summary>
    internal float* X;

    /// <summary><c>[rows, headDim / 2]</c>.</summary>
    internal float* Cos;

    /// <summary><c>[rows, headDim / 2]</c>.</summary>
    internal float* Sin;

    /// <summary>Same shape as X; may be X.</summary>
    internal float* Destination;

    /// <summary>Rows.</summary>
    internal long Rows;

    /// <summary>Heads in a row.</summary>
    internal int Heads;

    /// <summary>Values of a head, even.</summary>
    internal int HeadDim;
}
