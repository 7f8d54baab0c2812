using System.Buffers;
using Qwen3VL.Engine.Backends;
using Qwen3VL.Engine.Processing;

namespace Qwen3VL.Engine.Models;

/// <summary>Drops rows of a clip's encoder output (EVS, spec 7.2). The choice is made over main and DeepStack vectors together.</summary>
internal static class EncoderPruning
{
    // Values of the concatenated vectors that are on the host at once; a frame pair of a large picture would be a gigabyte of them.
    private const int PieceValues = 1 << 20;

    /// <summary>Memory that choosing takes on the host: one tensor's part of a piece, the piece, and the same cells of the frame pair before.</summary>
    internal const long HostBytes = 3L * PieceValues * sizeof(float);

    /// <summary>A smaller output with the rows that change most. The caller owns it; <paramref name="whole"/> stays the caller's too.</summary>
    /// <param name="backend">Where the output is.</param>
    /// <param name="whole">The output of a clip.</param>
    /// <param name="grid">The clip's grid.</param>
    /// <param name="numKeptRows">Rows to keep: at least those of one frame pair.</param>
    /// <param name="pieceValues">Values on the host at once, or those of one cell where that is more.</param>
    public static EncoderOutput Prune(IBackend backend, EncoderOutput whole, GridThw grid, int numKeptRows, int pieceValues = PieceValues)
    {
        int[] keptRows = Choose(backend, whole, grid, numKeptRows, pieceValues);
        var gathered = new List<DeviceTensor>(1 + whole.DeepStack.Count);
        try
        {
            gathered.Add(Gather(backend, whole.Main, keptRows));
            foreach (DeviceTensor tap in whole.DeepStack)
            {
                gathered.Add(Gather(backend, tap, keptRows));
            }

            return new EncoderOutput(gathered[0], gathered[1..]) { KeptRows = keptRows };
        }
        catch
        {
            gathered.ForEach(tensor => tensor.Dispose());
            throw;
        }
    }

    /// <summary>A range of cells at a time, through all frame pairs: their scores depend on no other cell.</summary>
    private static int[] Choose(IBackend backend, EncoderOutput whole, GridThw grid, int numKeptRows, int pieceValues)
    {
        int columns = checked(whole.Main.Columns * (1 + whole.DeepStack.Count));
        int maxCells = Math.Clamp(pieceValues / columns, 1, grid.RowsPerFrame);
        var change = new FrameChange(grid, columns, maxCells);
        float[] slice = ArrayPool<float>.Shared.Rent(maxCells * whole.Main.Columns);
        float[] piece = ArrayPool<float>.Shared.Rent(maxCells * columns);
        try
        {
            for (int firstCell = 0; firstCell < grid.RowsPerFrame; firstCell += maxCells)
            {
                int numCells = Math.Min(maxCells, grid.RowsPerFrame - firstCell);
                for (int pair = 0; pair < grid.Time; pair++)
                {
                    int[] rows = Enumerable.Range((pair * grid.RowsPerFrame) + firstCell, numCells).ToArray();
                    Span<float> vectors = piece.AsSpan(0, numCells * columns);
                    CopySlice(backend, whole.Main, rows, slice, vectors, 0);
                    for (int tap = 0; tap < whole.DeepStack.Count; tap++)
                    {
                        CopySlice(backend, whole.DeepStack[tap], rows, slice, vectors, 1 + tap);
                    }

                    change.Add(pair, firstCell, vectors);
                }
            }

            return change.Keep(numKeptRows);
        }
        finally
        {
            ArrayPool<float>.Shared.Return(slice);
            ArrayPool<float>.Shared.Return(piece);
        }
    }

    /// <summary>Copies rows of one tensor to their place in the concatenated vectors.</summary>
    private static void CopySlice(IBackend backend, DeviceTensor tensor, int[] rows, float[] slice, Span<float> vectors, int index)
    {
        using ITensorScope scope = backend.OpenScope();
        int columns = tensor.Columns;
        backend.Download(backend.Kernels.GatherRows(tensor, rows), slice.AsSpan(0, rows.Length * columns));
        int stride = vectors.Length / rows.Length;
        for (int cell = 0; cell < rows.Length; cell++)
        {
            slice.AsSpan(cell * columns, columns).CopyTo(vectors[((cell * stride) + (index * columns))..]);
        }
    }

    private static DeviceTensor Gather(IBackend backend, DeviceTensor tensor, int[] rows)
    {
        using ITensorScope scope = backend.OpenScope();
        return scope.Keep(backend.Kernels.GatherRows(tensor, rows));
    }
}
