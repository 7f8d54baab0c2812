using Qwen3VL.Engine.Models;
using Qwen3VL.Engine.Processing;
using Shouldly;
using Xunit;

namespace Qwen3VL.Engine.Tests.Models;

public sealed class PositionTableTests
{
    private const int Hidden = 3;
    private const int Seed = 5;

    [Theory]
    [InlineData(48, 1, 2, 2)]
    [InlineData(48, 2, 48, 48)]
    [InlineData(48, 1, 64, 36)]
    [InlineData(48, 1, 2, 1500)]
    [InlineData(48, 3, 1500, 2)]
    [InlineData(32, 1, 6, 10)]
    [InlineData(12, 2, 94, 4)]
    [InlineData(2, 1, 8, 2)]
    [InlineData(1, 2, 4, 6)]
    public void Interpolate_AnyGrid_EqualsExactInterpolationInPatchOrder(int side, int time, int height, int width)
    {
        var random = new Random(Seed);
        float[] table = Enumerable.Range(0, side * side * Hidden).Select(_ => random.NextSingle() * 2 - 1).ToArray();
        var actual = new float[time * height * width * Hidden];
        new PositionTable(table, side, Hidden).Interpolate(new GridThw(time, height, width), actual);
        int at = 0;
        for (int frame = 0; frame < time; frame++)
        {
            foreach ((int row, int column) in Order(height, width))
            {
                for (int i = 0; i < Hidden; i++, at++)
                {
                    // A coordinate up to 47 in 32-bit floats is off by at most 4e-6, a difference of two vectors by 2.
                    double exact = Exact(table, side, (row, height), (column, width), i);
                    ((double)actual[at]).ShouldBe(exact, 2e-5, $"frame {frame}, patch {row} {column}, seed {Seed}");
                }
            }
        }
    }

    [Fact]
    public void Interpolate_GridOfTheTable_IsTheTableToTheLastBit()
    {
        float[] table = Enumerable.Range(0, 12 * 12 * Hidden).Select(i => (float)i).ToArray();
        var actual = new float[table.Length];
        new PositionTable(table, 12, Hidden).Interpolate(new GridThw(1, 12, 12), actual);
        foreach ((int index, (int row, int column)) in Order(12, 12).Index())
        {
            actual.AsSpan(index * Hidden, Hidden).SequenceEqual(table.AsSpan((row * 12 + column) * Hidden, Hidden)).ShouldBeTrue($"{row} {column}");
        }
    }

    // Blocks of 2 x 2 in raster order, each in raster order itself.
    private static IEnumerable<(int Row, int Column)> Order(int height, int width) =>
        from blockRow in Enumerable.Range(0, height / 2)
        from blockColumn in Enumerable.Range(0, width / 2)
        from row in Enumerable.Range(0, 2)
        from column in Enumerable.Range(0, 2)
        select (2 * blockRow + row, 2 * blockColumn + column);

    // Sum of all table vectors, each by its distance to the point along both axes.
    private static double Exact(float[] table, int side, (int Index, int Count) row, (int Index, int Count) column, int i)
    {
        double y = row.Index * (side - 1.0) / (row.Count - 1);
        double x = column.Index * (side - 1.0) / (column.Count - 1);
        double sum = 0;
        for (int tableRow = Math.Max(0, (int)y - 1); tableRow < Math.Min(side, (int)y + 3); tableRow++)
        {
            for (int tableColumn = Math.Max(0, (int)x - 1); tableColumn < Math.Min(side, (int)x + 3); tableColumn++)
            {
                double weight = Math.Max(0, 1 - Math.Abs(y - tableRow)) * Math.Max(0, 1 - Math.Abs(x - tableColumn));
                sum += weight * table[(tableRow * side + tableColumn) * Hidden + i];
            }
        }

        return sum;
    }
}
