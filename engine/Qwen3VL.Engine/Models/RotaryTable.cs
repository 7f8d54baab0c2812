namespace Qwen3VL.Engine.Models;

/// <summary>
/// Cosines and sines of rotation angles on the host, <c>[rows, frequencies]</c> row-major. The arrays are reused and grow to the largest
/// number of rows seen. An angle is the 32-bit product of a 32-bit frequency and an integer position, as in the reference: at position 10^6
/// a more exact product would be another model.
/// </summary>
internal abstract class RotaryTable
{
    private readonly float[] _frequencies;
    private readonly float _amplitude;
    private float[] _cos = [];
    private float[] _sin = [];

    /// <summary>Creates a table over frequencies.</summary>
    /// <param name="frequencies">Angle of each frequency at position 1; taken over.</param>
    /// <param name="amplitude">Factor of every cosine and sine.</param>
    protected RotaryTable(float[] frequencies, float amplitude = 1f)
    {
        _frequencies = frequencies;
        _amplitude = amplitude;
    }

    /// <summary>Rows of the last table.</summary>
    internal int Rows { get; private set; }

    /// <summary>Angles of one row.</summary>
    internal abstract int Columns { get; }

    /// <summary>Cosines of the last table.</summary>
    internal ReadOnlySpan<float> Cos => _cos.AsSpan(0, Rows * Columns);

    /// <summary>Sines of the last table.</summary>
    internal ReadOnlySpan<float> Sin => _sin.AsSpan(0, Rows * Columns);

    /// <summary>Starts a table of a number of rows.</summary>
    protected void Begin(int rows)
    {
        int length = checked(rows * Columns);
        if (_cos.Length < length)
        {
            _cos = new float[length];
            _sin = new float[length];
        }

        Rows = rows;
    }

    /// <summary>Sets one angle.</summary>
    /// <param name="row">Row of the table.</param>
    /// <param name="column">Column of the table.</param>
    /// <param name="frequency">Index of the frequency.</param>
    /// <param name="position">Integer position.</param>
    protected void Set(int row, int column, int frequency, int position)
    {
        float angle = _frequencies[frequency] * position;
        (double sin, double cos) = Math.SinCos(angle);
        int index = row * Columns + column;
        _cos[index] = (float)cos * _amplitude;
        _sin[index] = (float)sin * _amplitude;
    }
}
