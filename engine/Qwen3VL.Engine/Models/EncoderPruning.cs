using Qwen3VL.Engine.Backends;
using Qwen3VL.Engine.Processing;

namespace Qwen3VL.Engine.Models;

/// <summary>Drops rows of a clip's encoder output (EVS, spec 7.2). The choice is made over main and DeepStack vectors together.</summary>
internal static class EncoderPruning
{
    /// <summary>A smaller output with the rows that change most. The caller owns it; <paramref name="whole"/> stays the caller's too.</summary>
    public static EncoderOutput Prune(IBackend backend, EncoderOutput whole, GridThw grid, int numKeptRows)
    {
        int[] keptRows = Choose(backend, whole, grid, numKeptRows);
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

    /// <summary>One frame pair at a time on the host: the concatenated vectors of a long clip would be several times its largest tensor.</summary>
    private static int[] Choose(IBackend backend, EncoderOutput whole, GridThw grid, int numKeptRows)
    {
        int columns = whole.Main.Columns * (1 + whole.DeepStack.Count);
        var change = new FrameChange(grid, columns);
        int[] rows = new int[grid.RowsPerFrame];
        float[] slice = new float[checked(rows.Length * whole.Main.Columns)];
        float[] frame = new float[checked(rows.Length * columns)];
        for (int pair = 0; pair < grid.Time; pair++)
        {
            for (int cell = 0; cell < rows.Length; cell++)
            {
                rows[cell] = (pair * rows.Length) + cell;
            }

            CopySlice(backend, whole.Main, rows, slice, frame, 0);
            for (int tap = 0; tap < whole.DeepStack.Count; tap++)
            {
                CopySlice(backend, whole.DeepStack[tap], rows, slice, frame, 1 + tap);
            }

            change.AddFrame(frame);
        }

        return change.Keep(numKeptRows);
    }

    /// <summary>Copies rows of one tensor to their place in the concatenated vectors.</summary>
    private static void CopySlice(IBackend backend, DeviceTensor tensor, int[] rows, float[] slice, float[] frame, int index)
    {
        using ITensorScope scope = backend.OpenScope();
        backend.Download(backend.Kernels.GatherRows(tensor, rows), slice);
        int columns = tensor.Columns;
        int stride = frame.Length / rows.Length;
        for (int cell = 0; cell < rows.Length; cell++)
        {
            slice.AsSpan(cell * columns, columns).CopyTo(frame.AsSpan((cell * stride) + (index * columns)));
        }
    }

    private static DeviceTensor Gather(IBackend backend, DeviceTensor tensor, int[] rows)
    {
        using ITensorScope scope = backend.OpenScope();
        return scope.Keep(backend.Kernels.GatherRows(tensor, rows));
    }
}
