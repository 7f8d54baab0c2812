using System.Buffers;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using Qwen3VL.Engine.Backends;
using Qwen3VL.Engine.Cpu.Kernels;
using Qwen3VL.Engine.Cpu.Threading;

namespace Qwen3VL.Engine.Cpu;

/// <summary>
/// Fills a weight from its reader on all threads: each takes the next piece of whole panels, reads it and packs it. Pieces are bounded, so
/// that loading holds little beside the weights. Lives for one weight.
/// </summary>
/// <param name="weight">Allocated; not shared yet.</param>
/// <param name="description">Its description, of the bytes that the reader delivers.</param>
/// <param name="read">Its rows.</param>
internal sealed unsafe class WeightFiller(CpuWeight weight, WeightDescription description, WeightRowReader read)
{
    // Stays in the second-level cache between reading and packing, unless a single panel is larger.
    private const int PieceBytes = 512 * 1024;

    private readonly int _pieceRows = Math.Max(1, (int)(PieceBytes / (description.RowBytes * PackedMatrix.PanelWidth))) * PackedMatrix.PanelWidth;
    private ExceptionDispatchInfo? _failure;
    private int _nextPiece = -1;

    /// <summary>Fills it; throws what the reader threw first.</summary>
    internal void Run(ThreadTeam team)
    {
        if (description.Rows <= _pieceRows)
        {
            Fill();
        }
        else
        {
            GCHandle handle = GCHandle.Alloc(this);
            try
            {
                team.Run(&FillPart, (void*)GCHandle.ToIntPtr(handle));
            }
            finally
            {
                handle.Free();
            }
        }

        _failure?.Throw();
    }

    private static void FillPart(void* argument, int part, int parts) => ((WeightFiller?)GCHandle.FromIntPtr((nint)argument).Target)?.Fill();

    private void Fill()
    {
        byte[]? piece = null;
        try
        {
            piece = ArrayPool<byte>.Shared.Rent(checked((int)(Math.Min(_pieceRows, description.Rows) * description.RowBytes)));
            long firstRow;
            while (Volatile.Read(ref _failure) is null && (firstRow = (long)Interlocked.Increment(ref _nextPiece) * _pieceRows) < description.Rows)
            {
                int rows = (int)Math.Min(_pieceRows, description.Rows - firstRow);
                Span<byte> values = piece.AsSpan(0, (int)(rows * description.RowBytes));
                read((int)firstRow, values);
                weight.SetRows((int)firstRow, values);
            }
        }
        catch (Exception exception)
        {
            // The thread belongs to the team: a failure goes to the caller of Run, whatever it is.
            Interlocked.CompareExchange(ref _failure, ExceptionDispatchInfo.Capture(exception), null);
        }
        finally
        {
            if (piece is not null)
            {
                ArrayPool<byte>.Shared.Return(piece);
            }
        }
    }
}
