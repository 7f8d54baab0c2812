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

    /// <summary>Most rows that are cheaper to multiply with values widened in registers than with a widened copy of the block.</summary>
    internal const int MaxStreamedRows = 4;

    /// <summary>Adds <c>a * b</c> to <c>c [height, 32]</c> with b of any element type.</summary>
    /// <param name="height">1, 2 or 4.</param>
    /// <param name="a">Packed rows <c>[k][height]</c>.</param>
    /// <param name="b">Panel rows <c>[k][32]</c>.</param>
    /// <param name="scales">Scales of the 32 columns; read by scaled types only.</param>
    /// <param name="c">First value of the output tile.</param>
    /// <param name="stride">Values between two output rows.</param>
    /// <param name="k">Products of each sum.</param>
    internal static void AccumulateStored<TElement>(int height, float* a, byte* b, float* scales, float* c, long stride, int k)
        where TElement : struct, IWeightElement<V>
    {
        for (int column = 0; column < PackedMatrix.PanelWidth; column += 2 * TSimd.Width)
        {
            byte* start = b + column * TElement.SizeBytes;
            switch (height)
            {
                case 4: Four<TElement>(a, start, scales + column, c + column, stride, k); break;
                case 2: Two<TElement>(a, start, scales + column, c + column, stride, k); break;
                default: One<TElement>(a, start, scales + column, c + column, stride, k); break;
            }
        }
    }

    /// <summary>Writes a block of a panel as 32-bit floats.</summary>
    /// <param name="b">Panel rows <c>[k][32]</c>.</param>
    /// <param name="scales">Scales of the 32 columns; read by scaled types only.</param>
    /// <param name="destination"><c>[k][32]</c>.</param>
    /// <param name="k">Rows of the block.</param>
    internal static void Widen<TElement>(byte* b, float* scales, float* destination, int k)
        where TElement : struct, IWeightElement<V>
    {
        for (int column = 0; column < PackedMatrix.PanelWidth; column += TSimd.Width)
        {
            V factors = TElement.LoadScales(scales + column);
            byte* source = b + column * TElement.SizeBytes;
            float* target = destination + column;
            for (int i = 0; i < k; i++)
            {
                TSimd.Store(target, TElement.Load(source, factors));
                source += PackedMatrix.PanelWidth * TElement.SizeBytes;
                target += PackedMatrix.PanelWidth;
            }
        }
    }

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
                default: AccumulateFew(height, a, b + column, c + column, stride, k); break;
            }
        }
    }

    private static void AccumulateFew(int height, float* a, float* b, float* c, long stride, int k)
    {
        switch (height)
        {
            case 4: Four<Float32Element<TSimd, V>>(a, (byte*)b, null, c, stride, k); break;
            case 2: Two<Float32Element<TSimd, V>>(a, (byte*)b, null, c, stride, k); break;
            default: One<Float32Element<TSimd, V>>(a, (byte*)b, null, c, stride, k); break;
        }
    }
}
