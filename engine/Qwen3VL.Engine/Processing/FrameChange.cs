namespace Qwen3VL.Engine.Processing;

/// <summary>
/// How much each merged vision token of a clip differs from the same cell of the frame pair before, and which tokens are therefore kept
/// (EVS, spec 7.2). Source: Efficient Video Sampling, arXiv 2510.14624, and vllm-project/vllm <c>multimodal/evs.py</c>,
/// <c>compute_retention_mask</c> and <c>compute_retained_tokens_count</c>.
/// </summary>
/// <remarks>
/// <code>
/// e[f, c]      vector of cell c of frame pair f: main and DeepStack vectors behind each other
/// score[0, c]  above every other: the first frame pair is always kept whole
/// score[f, c]  1 - cos(e[f, c], e[f-1, c]); each norm is at least 1e-8, so a zero vector scores 1
/// </code>
/// The highest scores are kept; of equal ones the earlier token. Cells that do not change score 0 give or take a rounding, so the rounding
/// is that of the reference: <see cref="LaneSums"/>. Used by one thread.
/// </remarks>
internal sealed class FrameChange
{
    // torch.nn.functional.cosine_similarity, eps.
    private const float MinNorm = 1e-8f;

    // 1 - cos is at most 2; the reference uses this value for the first frame pair.
    private const float FirstFrameScore = 255;

    private readonly float[] _scores;
    private readonly int _rowsPerFrame;
    private readonly int _columns;
    private readonly float[] _previous;
    private readonly float[] _current;
    private int _numRows;

    // What was added last: each range of cells passes through all frame pairs before the next one does.
    private int _pair = -1;
    private int _firstCell;
    private int _numCells;

    /// <summary>Starts before the first frame pair, to be fed whole frame pairs.</summary>
    /// <param name="grid">The clip's grid.</param>
    /// <param name="columns">Values of one vector.</param>
    public FrameChange(GridThw grid, int columns)
        : this(grid, columns, grid.RowsPerFrame)
    {
    }

    /// <summary>Starts before the first frame pair.</summary>
    /// <param name="grid">The clip's grid.</param>
    /// <param name="columns">Values of one vector.</param>
    /// <param name="maxCells">Cells of a frame pair that are added at once: it holds as many vectors, whatever the size of the picture.</param>
    public FrameChange(GridThw grid, int columns, int maxCells)
    {
        _rowsPerFrame = grid.RowsPerFrame;
        _columns = columns;
        _scores = new float[grid.NumRows];
        _previous = new float[checked(maxCells * columns)];
        _current = new float[columns];
    }

    /// <summary>Tokens that are kept: <c>max(tokens of one frame pair, trunc(tokens * (1 - rate)))</c> in 64-bit floats, as the reference computes it.</summary>
    public static int NumKept(GridThw grid, double rate) => Math.Max(grid.RowsPerFrame, (int)Math.Truncate(grid.NumRows * (1 - rate)));

    /// <summary>Adds the next frame pair: <c>[rows of a frame pair, columns]</c>, row-major.</summary>
    public void AddFrame(ReadOnlySpan<float> vectors)
    {
        if (vectors.Length != (long)_rowsPerFrame * _columns)
        {
            throw new ArgumentException($"a frame pair must be {_rowsPerFrame} x {_columns} values; got {vectors.Length}", nameof(vectors));
        }

        Add(_pair + 1, 0, vectors);
    }

    /// <summary>
    /// Adds cells of a frame pair: <c>[cells, columns]</c>, row-major. The same cells of every frame pair follow each other from the first pair
    /// on; then other cells do.
    /// </summary>
    public void Add(int pair, int firstCell, ReadOnlySpan<float> vectors)
    {
        int numCells = vectors.Length / _columns;
        bool isNext = pair > 0 ? pair == _pair + 1 && pair < NumPairs && firstCell == _firstCell && numCells == _numCells
            : _pair < 0 ? firstCell == 0
            : _pair == NumPairs - 1 && firstCell == _firstCell + _numCells;
        bool fits = numCells > 0 && vectors.Length == numCells * _columns && vectors.Length <= _previous.Length && firstCell <= _rowsPerFrame - numCells;
        if (!isNext || !fits)
        {
            throw new ArgumentException(
                $"cells must be at most {_previous.Length / _columns} x {_columns} values, pair by pair of {NumPairs}; " +
                $"got {vectors.Length} values for cell {firstCell} of pair {pair} after cell {_firstCell} of pair {_pair}",
                nameof(vectors));
        }

        (_pair, _firstCell, _numCells) = (pair, firstCell, numCells);
        _numRows += numCells;
        for (int cell = 0; cell < numCells; cell++)
        {
            ReadOnlySpan<float> vector = vectors.Slice(cell * _columns, _columns);
            Span<float> previous = _previous.AsSpan(cell * _columns, _columns);
            float norm = Math.Max(MathF.Sqrt(LaneSums.OfSquares(vector)), MinNorm);
            for (int i = 0; i < _columns; i++)
            {
                float unit = vector[i] / norm;
                _current[i] = unit * previous[i];
                previous[i] = unit;
            }

            _scores[(pair * _rowsPerFrame) + firstCell + cell] = pair == 0 ? FirstFrameScore : Score(LaneSums.OfValues(_current));
        }
    }

    private int NumPairs => _scores.Length / _rowsPerFrame;

    /// <summary>The <paramref name="count"/> rows that are kept, ascending, once every frame pair has been added.</summary>
    public int[] Keep(int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, _rowsPerFrame);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, _numRows);
        int[] order = new int[_numRows];
        for (int row = 0; row < order.Length; row++)
        {
            order[row] = row;
        }

        Array.Sort(order, (a, b) => _scores[a] == _scores[b] ? a.CompareTo(b) : _scores[b].CompareTo(_scores[a]));
        int[] kept = order[..count];
        Array.Sort(kept);
        return kept;
    }

    /// <summary>What is not a number counts as the highest score, as in the reference's sort.</summary>
    private static float Score(float cosine) => float.IsNaN(cosine) ? float.PositiveInfinity : 1f - cosine;
}
