using Qwen3VL.Engine.Cpu.Threading;

namespace Qwen3VL.Engine.Cpu.Kernels;

/// <summary>
/// Matrix products in blocks (K. Goto and R. van de Geijn, Anatomy of High-Performance Matrix Multiplication): rows of x are packed into
/// tiles once, then each thread takes a range of weight panels and walks depth blocks, row blocks, panels and tiles. The sum of an output
/// value always runs over the whole depth in ascending order, whatever the number of rows or threads: there is no split over depth.
/// </summary>
internal static unsafe class GemmKernel<TSimd, V>
    where TSimd : struct, ISimd<V>
    where V : struct
{
    // A depth block of a panel is 32 KiB, of a row block 96 KiB: both stay in a second-level cache of half a megabyte.
    private const int DepthBlock = 256;
    private const int RowBlock = 96;

    // Below about 30 microseconds of work one thread is faster than two.
    private const long ParallelProducts = 512 * 1024;

    /// <summary>Runs the product.</summary>
    internal static void Run(ThreadTeam team, GemmArguments arguments)
    {
        if (arguments.Rows == 0)
        {
            return;
        }

        if ((long)arguments.Rows * arguments.Columns * arguments.Depth < ParallelProducts)
        {
            PackPart(&arguments, 0, 1);
            ProductPart(&arguments, 0, 1);
            return;
        }

        if (arguments.Rows == 1)
        {
            PackPart(&arguments, 0, 1);
        }
        else
        {
            team.Run(&PackPart, &arguments);
        }

        team.Run(&ProductPart, &arguments);
    }

    // Tiles of height n are [depth][n]; the tile that starts at row r starts at r * depth.
    private static void PackPart(void* argument, int part, int parts)
    {
        var arguments = (GemmArguments*)argument;
        int depth = arguments->Depth;
        for (int row = 0, tile = 0; row < arguments->Rows; tile++)
        {
            int height = GemmTile<TSimd, V>.Height(arguments->Rows - row);
            if (tile % parts == part)
            {
                PackTile(arguments->X + (long)row * depth, arguments->PackedX + (long)row * depth, height, depth);
            }

            row += height;
        }
    }

    private static void PackTile(float* x, float* packed, int height, int depth)
    {
        for (int row = 0; row < height; row++)
        {
            float* source = x + (long)row * depth;
            for (int i = 0; i < depth; i++)
            {
                packed[(long)i * height + row] = source[i];
            }
        }
    }

    private static void ProductPart(void* argument, int part, int parts)
    {
        var arguments = (GemmArguments*)argument;
        int panels = PackedMatrix.NumPanels(arguments->Columns);
        (long firstPanel, long endPanel) = Partition.Range(panels, part, parts);
        if (firstPanel == endPanel)
        {
            return;
        }

        for (int depth = 0; depth < arguments->Depth; depth += DepthBlock)
        {
            for (int row = 0; row < arguments->Rows; row += RowBlock)
            {
                for (long panel = firstPanel; panel < endPanel; panel++)
                {
                    PanelBlock(arguments, (int)panel, row, depth);
                }
            }
        }
    }

    // One panel times one block of rows over one block of depth.
    private static void PanelBlock(GemmArguments* arguments, int panel, int firstRow, int firstDepth)
    {
        int depth = Math.Min(DepthBlock, arguments->Depth - firstDepth);
        int endRow = Math.Min(arguments->Rows, firstRow + RowBlock);
        int firstColumn = panel * PackedMatrix.PanelWidth;
        int columns = Math.Min(PackedMatrix.PanelWidth, arguments->Columns - firstColumn);
        float* b = arguments->Weight + ((long)panel * arguments->Depth + firstDepth) * PackedMatrix.PanelWidth;
        float* edge = stackalloc float[12 * PackedMatrix.PanelWidth];
        for (int row = firstRow; row < endRow;)
        {
            int height = GemmTile<TSimd, V>.Height(arguments->Rows - row);
            float* a = arguments->PackedX + (long)row * arguments->Depth + (long)firstDepth * height;
            float* c = arguments->Destination + (long)row * arguments->Columns + firstColumn;
            if (firstDepth == 0)
            {
                Initialise(c, arguments->Bias == null ? null : arguments->Bias + firstColumn, (height, columns), arguments->Columns);
            }

            if (columns == PackedMatrix.PanelWidth)
            {
                GemmTile<TSimd, V>.Accumulate(height, a, b, c, arguments->Columns, depth);
            }
            else
            {
                Copy(c, arguments->Columns, edge, PackedMatrix.PanelWidth, (height, columns));
                GemmTile<TSimd, V>.Accumulate(height, a, b, edge, PackedMatrix.PanelWidth, depth);
                Copy(edge, PackedMatrix.PanelWidth, c, arguments->Columns, (height, columns));
            }

            row += height;
        }
    }

    private static void Initialise(float* c, float* bias, (int Rows, int Columns) shape, int stride)
    {
        for (int row = 0; row < shape.Rows; row++)
        {
            for (int column = 0; column < shape.Columns; column++)
            {
                c[(long)row * stride + column] = bias == null ? 0 : bias[column];
            }
        }
    }

    private static void Copy(float* source, int sourceStride, float* destination, int destinationStride, (int Rows, int Columns) shape)
    {
        for (int row = 0; row < shape.Rows; row++)
        {
            for (int column = 0; column < shape.Columns; column++)
            {
                destination[(long)row * destinationStride + column] = source[(long)row * sourceStride + column];
            }
        }
    }
}
