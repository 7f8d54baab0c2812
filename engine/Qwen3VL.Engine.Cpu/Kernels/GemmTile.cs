namespace Qwen3VL.Engine.Cpu.Kernels;

/// <summary>
/// The innermost products: a few rows of packed left operand times two vectors of columns of a weight panel, all sums in registers.
/// <code>
///            b: [k][32], two vectors of it
///            +--+--+
/// a: [k][n]  |s0|t0|   every sum runs over k in ascending order with one rounding a step, so an output value
///            |s1|t1|   does not depend on the tile that computed it, on its neighbours or on how k was cut
///            +--+--+
/// </code>
/// Tile heights follow the registers: 12 x 2 sums of 16 lanes fill 24 of 32 registers, 6 x 2 sums of 8 lanes 12 of 16.
/// </summary>
internal static unsafe partial class GemmTile<TSimd, V>
    where TSimd : struct, ISimd<V>
    where V : struct
{
    /// <summary>Height of the tile that a block of remaining rows starts with.</summary>
    internal static int Height(int remainingRows) =>
        TSimd.Width == 16 && remainingRows >= 12 ? 12
        : TSimd.Width == 16 && remainingRows >= 8 ? 8
        : TSimd.Width != 16 && remainingRows >= 6 ? 6
        : remainingRows >= 4 ? 4
        : remainingRows >= 2 ? 2
        : 1;

    /// <summary>Adds <c>a * b</c> to <c>c [height, 32]</c>.</summary>
    /// <param name="height">One of the heights of <see cref="Height"/>.</param>
    /// <param name="a">Packed rows <c>[k][height]</c>.</param>
    /// <param name="b">Panel rows <c>[k][32]</c>.</param>
    /// <param name="c">First value of the output tile.</param>
    /// <param name="stride">Values between two output rows.</param>
    /// <param name="k">Products of each sum.</param>
    internal static void Accumulate(int height, float* a, float* b, float* c, long stride, int k)
    {
        for (int column = 0; column < PackedMatrix.PanelWidth; column += 2 * TSimd.Width)
        {
            switch (height)
            {
                case 12: Twelve(a, b + column, c + column, stride, k); break;
                case 8: Eight(a, b + column, c + column, stride, k); break;
                case 6: Six(a, b + column, c + column, stride, k); break;
                case 4: Four(a, b + column, c + column, stride, k); break;
                case 2: Two(a, b + column, c + column, stride, k); break;
                default: One(a, b + column, c + column, stride, k); break;
            }
        }
    }
}
