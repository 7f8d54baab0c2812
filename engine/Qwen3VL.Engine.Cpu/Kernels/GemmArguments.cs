namespace Qwen3VL.Engine.Cpu.Kernels;

/// <summary>Operands of <c>x * weight^T + bias</c>; lengths are checked by the caller.</summary>
internal unsafe struct GemmArguments
{
    /// <summary><c>[rows, depth]</c>.</summary>
    internal float* X;

    /// <summary>Scratch of <c>rows * depth</c> values for the packed rows.</summary>
    internal float* PackedX;

    /// <summary>Weight as <see cref="PackedMatrix"/>.</summary>
    internal PackedWeight Weight;

    /// <summary><c>[columns]</c>, or null.</summary>
    internal float* Bias;

    /// <summary><c>[rows, columns]</c>.</summary>
    internal float* Destination;

    /// <summary>Rows of x.</summary>
    internal int Rows;

    /// <summary>Output features.</summary>
    internal int Columns;

    /// <summary>Input features: products of each sum.</summary>
    internal int Depth;
}
