using Qwen3VL.Engine.Processing;

namespace Qwen3VL.Engine.Models;

/// <summary>
/// The learned position table of the vision tower, a square grid of vectors that is stretched over the patch grid by bilinear interpolation
/// with both ends kept (spec 3.2; huggingface/transformers v4.57.6, modeling_qwen3_vl.py, fast_pos_embed_interpolate).
/// </summary>
internal sealed class PositionTable
{
    private readonly float[] _table;
    private readonly int _side;
    private readonly int _hidden;

    /// <summary>Takes over a table <c>[side * side, hidden]</c>, row-major.</summary>
    internal PositionTable(float[] table, int side, int hidden)
    {
        if (table.Length != checked(side * side * hidden))
        {
            throw new ArgumentException($"table must have {side} x {side} x {hidden} values; got {table.Length}", nameof(table));
        }

        _table = table;
        _side = side;
        _hidden = hidden;
    }

    /// <summary>
    /// Writes the position vectors of one media item of at least 2 x 2 patches, <c>[patches, hidden]</c> in patch order; every frame pair has the
    /// same.
    /// </summary>
    internal void Interpolate(GridThw grid, Span<float> destination)
    {
        int patchesPerFrame = grid.Height * grid.Width;
        for (int patch = 0; patch < patchesPerFrame; patch++)
        {
            (int row, int column) = PatchOrder.RowAndColumn(grid, patch);
            WriteVector(At(row, grid.Height), At(column, grid.Width), destination.Slice(patch * _hidden, _hidden));
        }

        int frameLength = patchesPerFrame * _hidden;
        for (int frame = 1; frame < grid.Time; frame++)
        {
            destination[..frameLength].CopyTo(destination.Slice(frame * frameLength, frameLength));
        }
    }

    // Table coordinate of a patch coordinate: 0 maps to 0 and the last patch to the last vector. As in the reference's evenly spaced numbers
    // (pytorch, aten/src/ATen/native/cpu/RangeFactoriesKernel.cpp, linspace_kernel), the second half is counted from the end.
    private (int Low, int High, float Fraction) At(int patch, int count)
    {
        float step = (_side - 1f) / (count - 1);
        float coordinate = patch < count / 2 ? step * patch : _side - 1 - step * (count - 1 - patch);
        int low = Math.Clamp((int)coordinate, 0, _side - 1);
        return (low, Math.Min(low + 1, _side - 1), coordinate - low);
    }

    private void WriteVector((int Low, int High, float Fraction) y, (int Low, int High, float Fraction) x, Span<float> destination)
    {
        ReadOnlySpan<float> topLeft = Vector(y.Low, x.Low);
        ReadOnlySpan<float> topRight = Vector(y.Low, x.High);
        ReadOnlySpan<float> bottomLeft = Vector(y.High, x.Low);
        ReadOnlySpan<float> bottomRight = Vector(y.High, x.High);
        float weightTopLeft = (1 - y.Fraction) * (1 - x.Fraction);
        float weightTopRight = (1 - y.Fraction) * x.Fraction;
        float weightBottomLeft = y.Fraction * (1 - x.Fraction);
        float weightBottomRight = y.Fraction * x.Fraction;
        for (int i = 0; i < destination.Length; i++)
        {
            destination[i] = weightTopLeft * topLeft[i] + weightTopRight * topRight[i]
                + weightBottomLeft * bottomLeft[i] + weightBottomRight * bottomRight[i];
        }
    }

    private ReadOnlySpan<float> Vector(int row, int column) => _table.AsSpan((row * _side + column) * _hidden, _hidden);
}
