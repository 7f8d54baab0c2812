using Qwen3VL.Engine.Checkpoints;
using Qwen3VL.Engine.Processing;
using Qwen3VL.TestKit;
using Shouldly;
using Xunit;

namespace Qwen3VL.Engine.Tests.Processing;

public sealed class FrameChangeTests
{
    [Fact]
    public void Keep_EveryGoldenCase_GivesReferenceRows()
    {
        EvsGolden[] goldens = Goldens.Read<EvsGolden[]>("evs", "cases.json");
        goldens.Length.ShouldBe(7);
        using SafetensorsFile file = SafetensorsFile.Open(Goldens.Path("evs", "embeds.safetensors"));
        foreach (EvsGolden golden in goldens)
        {
            SafetensorsEntry entry = file.Entries[$"embeds_{golden.Case}"];
            float[] vectors = new float[entry.Length];
            file.ReadFloats(entry, 0, vectors);
            var grid = new GridThw(golden.T, golden.H, golden.W);

            FrameChange.NumKept(grid, golden.Q).ShouldBe(golden.Keep, $"case {golden.Case}");
            Kept(grid, golden.Keep, vectors).ShouldBe(golden.Kept, $"case {golden.Case}");
            KeptInPieces(grid, golden.Keep, vectors, 1).ShouldBe(golden.Kept, $"case {golden.Case} cell by cell");
            KeptInPieces(grid, golden.Keep, vectors, Math.Max(1, grid.RowsPerFrame * 2 / 3)).ShouldBe(golden.Kept, $"case {golden.Case} in pieces");
        }
    }

    [Theory]
    [InlineData(4, 6, 0.5, 12)]
    [InlineData(10, 100, 0.75, 250)]
    [InlineData(3, 7, 0.9, 7)]
    [InlineData(10, 10, 0.9, 10)] // 100 * (1 - 0.9) is 9.999999999999998 in 64-bit floats; the minimum is one frame pair.
    [InlineData(20, 5, 0.9, 9)] // The same product without the minimum.
    [InlineData(1, 4, 0.99, 4)]
    public void NumKept_OfACase_IsTheReferenceCount(int time, int rowsPerFrame, double rate, int expected) =>
        FrameChange.NumKept(new GridThw(time, 2, 2 * rowsPerFrame), rate).ShouldBe(expected);

    [Fact]
    public void Keep_CellsThatDoNotChange_TiesGoToEarlierRows()
    {
        // Unit vectors along an axis: nothing is rounded, so all scores behind the first pair are 0.
        float[] frame = [1f, 0f, 0f, 2f, -3f, 0f];
        Kept(new GridThw(3, 2, 6), 5, [.. frame, .. frame, .. frame]).ShouldBe([0, 1, 2, 3, 4]);
    }

    [Fact]
    public void Keep_ZeroVectors_CountAsHalfChanged()
    {
        // Scores of the second pair: 0 (same), 1 (zero vector), 2 (opposite); of the third: 0, 1 (zero to something), 1 (right angle).
        float[] vectors = [1, 0, 1, 0, 1, 0, /**/ 1, 0, 0, 0, -1, 0, /**/ 1, 0, 1, 0, 0, 1];
        Kept(new GridThw(3, 2, 6), 5, vectors).ShouldBe([0, 1, 2, 4, 5]);
        Kept(new GridThw(3, 2, 6), 7, vectors).ShouldBe([0, 1, 2, 4, 5, 7, 8]);
    }

    [Fact]
    public void Keep_VectorThatIsNotANumber_ComesFirst()
    {
        float[] vectors = [1, 0, 1, 0, /**/ -1, 0, 1, 0, /**/ -1, 0, float.NaN, 0];
        Kept(new GridThw(3, 2, 4), 3, vectors).ShouldBe([0, 1, 5]);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    public void Keep_CountOutsideTheClip_IsRefused(int count) =>
        Should.Throw<ArgumentOutOfRangeException>(() => Kept(new GridThw(3, 2, 4), count, new float[12]));

    [Fact]
    public void AddFrame_WrongSizeOrOneTooMany_IsRefused()
    {
        var change = new FrameChange(new GridThw(1, 2, 4), 2);
        Should.Throw<ArgumentException>(() => change.AddFrame(new float[3]));
        change.AddFrame(new float[4]);
        Should.Throw<ArgumentException>(() => change.AddFrame(new float[4]));
    }

    [Fact]
    public void Add_CellsOutOfTurnOrTooMany_IsRefused()
    {
        var change = new FrameChange(new GridThw(2, 2, 6), 2, maxCells: 2);
        Should.Throw<ArgumentException>(() => change.Add(0, 1, new float[2]));
        Should.Throw<ArgumentException>(() => change.Add(1, 0, new float[2]));
        Should.Throw<ArgumentException>(() => change.Add(0, 0, new float[6]));
        Should.Throw<ArgumentException>(() => change.Add(0, 0, new float[3]));
        Should.Throw<ArgumentException>(() => change.Add(0, 0, []));
        change.Add(0, 0, new float[4]);
        Should.Throw<ArgumentException>(() => change.Add(0, 2, new float[2]));
        Should.Throw<ArgumentException>(() => change.Add(1, 0, new float[2]));
        change.Add(1, 0, new float[4]);
        Should.Throw<ArgumentException>(() => change.Add(2, 0, new float[4]));
        Should.Throw<ArgumentException>(() => change.Add(0, 2, new float[4]));
        Should.Throw<ArgumentOutOfRangeException>(() => change.Keep(6));
        change.Add(0, 2, new float[2]);
        change.Add(1, 2, new float[2]);
        change.Keep(6).ShouldBe([0, 1, 2, 3, 4, 5]);
    }

    private static int[] KeptInPieces(GridThw grid, int count, float[] vectors, int maxCells)
    {
        int columns = vectors.Length / grid.NumRows;
        var change = new FrameChange(grid, columns, maxCells);
        for (int cell = 0; cell < grid.RowsPerFrame; cell += maxCells)
        {
            for (int pair = 0; pair < grid.Time; pair++)
            {
                int first = (pair * grid.RowsPerFrame) + cell;
                change.Add(pair, cell, vectors.AsSpan(first * columns, Math.Min(maxCells, grid.RowsPerFrame - cell) * columns));
            }
        }

        return change.Keep(count);
    }

    private static int[] Kept(GridThw grid, int count, float[] vectors)
    {
        var change = new FrameChange(grid, vectors.Length / grid.NumRows);
        foreach (float[] frame in vectors.Chunk(vectors.Length / grid.Time))
        {
            change.AddFrame(frame);
        }

        return change.Keep(count);
    }
}
