using Qwen3VL.Engine.Checkpoints;
using Qwen3VL.Engine.Models;
using Qwen3VL.Engine.Processing;
using Qwen3VL.TestKit;
using Shouldly;
using Xunit;

namespace Qwen3VL.Engine.Tests.Models;

public sealed class VisionRotaryTableTests
{
    [Theory]
    [InlineData(64, 2, 1, 2, 2)]
    [InlineData(1152, 16, 2, 6, 4)]
    [InlineData(80, 20, 1, 2, 300)]
    [InlineData(84, 3, 3, 300, 2)]
    public void Compute_AnyHeadAndGrid_TurnsHalfWithTheRowAndHalfWithTheColumn(int hidden, int heads, int time, int height, int width)
    {
        VisionConfig config = ModelConfig.Load(Goldens.Path("models", "dense-tied")).Vision with { HiddenSize = hidden, NumHeads = heads };
        var table = new VisionRotaryTable(config);
        table.Compute(new GridThw(time, height, width));
        int frequencies = hidden / heads / 4;
        (table.Rows, table.Columns).ShouldBe((time * height * width, 2 * frequencies));
        for (int patch = 0; patch < table.Rows; patch++)
        {
            int inFrame = patch % (height * width);
            int block = inFrame / 4;
            int row = block / (width / 2) * 2 + inFrame % 4 / 2;
            int column = block % (width / 2) * 2 + inFrame % 2;
            for (int i = 0; i < frequencies; i++)
            {
                // Frequencies are rounded to 32 bits, and so is their product with a coordinate of up to 300.
                double frequency = Math.Pow(10000, -(double)i / frequencies);
                ((double)table.Cos[patch * table.Columns + i]).ShouldBe(Math.Cos(row * frequency), 5e-5, $"row {row}, {i}");
                ((double)table.Sin[patch * table.Columns + i]).ShouldBe(Math.Sin(row * frequency), 5e-5, $"row {row}, {i}");
                ((double)table.Cos[patch * table.Columns + frequencies + i]).ShouldBe(Math.Cos(column * frequency), 5e-5, $"column {column}, {i}");
                ((double)table.Sin[patch * table.Columns + frequencies + i]).ShouldBe(Math.Sin(column * frequency), 5e-5, $"column {column}, {i}");
            }
        }
    }
}
