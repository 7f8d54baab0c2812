using System.Runtime.CompilerServices;
using Qwen3VL.Engine.Backends;
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

        switch (arguments->Weight.Type)
        {
            case WeightType.F32: Product<Float32Element<TSimd, V>>(arguments, firstPanel, endPanel); break;
            case WeightType.BF16: Product<BFloat16Element<TSimd, V>>(arguments, firstPanel, endPanel); break;
            case WeightType.F16: Product<Float16Element<TSimd, V>>(arguments, firstPanel, endPanel); break;
            default: Product<Float8E4M3Element<TSimd, V>>(arguments, firstPanel, endPanel); break;
        }
    }

    private static void Product<TElement>(GemmArguments* arguments, long firstPanel, long endPanel)
        where TElement : struct, IWeightElement<V>
    {
        if (arguments->Rows <= GemmTile<TSimd, V>.MaxStreamedRows)
        {
            Stream<TElement>(arguments, firstPanel, endPanel);
        }
        else
        {
            Blocks<TElement>(arguments, firstPanel, endPanel);
        }
    }

    // Few rows: the weight is read once, in memory order, and widened in registers.
    private static void Stream<TElement>(GemmArguments* arguments, long firstPanel, long endPanel)
        where TElement : struct, IWeightElement<V>
    {
        for (long panel = firstPanel; panel < endPanel; panel++)
        {
            for (int depth = 0; depth < arguments->Depth;)
            {
                int end = BlockEnd(arguments, depth);
                var block = new GemmBlock { Panel = panel, FirstDepth = depth, Depth = end - depth, Scales = arguments->Weight.ScalesAt(panel, depth) };
                block.Stored = arguments->Weight.Values + (panel * arguments->Depth + depth) * PackedMatrix.PanelWidth * TElement.SizeBytes;
                PanelBlock<TElement>(arguments, &block, 0);
                depth = end;
            }
        }
    }

    // Many rows: a block of a panel is widened once into the first-level cache and used by a block of rows.
    [SkipLocalsInit]
    private static void Blocks<TElement>(GemmArguments* arguments, long firstPanel, long endPanel)
        where TElement : struct, IWeightElement<V>
    {
        bool isWide = typeof(TElement) == typeof(Float32Element<TSimd, V>);
        float* widened = stackalloc float[isWide ? 1 : DepthBlock * PackedMatrix.PanelWidth];
        for (int depth = 0; depth < arguments->Depth;)
        {
            int end = BlockEnd(arguments, depth);
            for (int row = 0; row < arguments->Rows; row += RowBlock)
            {
                for (long panel = firstPanel; panel < endPanel; panel++)
                {
                    var block = new GemmBlock { Panel = panel, FirstDepth = depth, Depth = end - depth };
                    byte* stored = arguments->Weight.Values + (panel * arguments->Depth + depth) * PackedMatrix.PanelWidth * TElement.SizeBytes;
                    block.Wide = isWide ? (float*)stored : widened;
                    if (!isWide)
                    {
                        GemmTile<TSimd, V>.Widen<TElement>(stored, arguments->Weight.ScalesAt(panel, depth), widened, block.Depth);
                    }

                    PanelBlock<TElement>(arguments, &block, row);
                }
            }

            depth = end;
        }
    }

    // A block has one scale a feature.
    private static int BlockEnd(GemmArguments* arguments, int depth)
    {
        int scaleDepth = arguments->Weight.ScaleDepth;
        return (int)Math.Min(Math.Min(arguments->Depth, depth + (long)DepthBlock), (depth / scaleDepth + 1L) * scaleDepth);
    }

    // One panel times one block of rows over one block of depth.
    private static void PanelBlock<TElement>(GemmArguments* arguments, GemmBlock* block, int firstRow)
        where TElement : struct, IWeightElement<V>
    {
        int endRow = Math.Min(arguments->Rows, firstRow + RowBlock);
        int firstColumn = (int)block->Panel * PackedMatrix.PanelWidth;
        int columns = Math.Min(PackedMatrix.PanelWidth, arguments->Columns - firstColumn);
        float* edge = stackalloc float[12 * PackedMatrix.PanelWidth];
        for (int row = firstRow; row < endRow;)
        {
            int height = GemmTile<TSimd, V>.Height(arguments->Rows - row);
            float* a = arguments->PackedX + (long)row * arguments->Depth + (long)block->FirstDepth * height;
            float* c = arguments->Destination + (long)row * arguments->Columns + firstColumn;
            if (block->FirstDepth == 0)
            {
                Initialise(c, arguments->Bias == null ? null : arguments->Bias + firstColumn, (height, columns), arguments->Columns);
            }

            if (columns == PackedMatrix.PanelWidth)
            {
                Accumulate<TElement>(block, height, a, c, arguments->Columns);
            }
            else
            {
                Copy(c, arguments->Columns, edge, PackedMatrix.PanelWidth, (height, columns));
                Accumulate<TElement>(block, height, a, edge, PackedMatrix.PanelWidth);
                Copy(edge, PackedMatrix.PanelWidth, c, arguments->Columns, (height, columns));
            }

            row += height;
        }
    }

    private static void Accumulate<TElement>(GemmBlock* block, int height, float* a, float* c, long stride)
        where TElement : struct, IWeightElement<V>
    {
        if (block->Wide != null)
        {
            GemmTile<TSimd, V>.Accumulate(height, a, block->Wide, c, stride, block->Depth);
        }
        else
        {
            GemmTile<TSimd, V>.AccumulateStored<TElement>(height, a, block->Stored, block->Scales, c, stride, block->Depth);
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
