using Qwen3VL.Engine.Backends;
using Qwen3VL.Engine.Checkpoints;
using Shouldly;
using Xunit;

namespace Qwen3VL.Engine.Tests.Checkpoints;

public sealed class ExpertMapTests : IDisposable
{
    private const string Prefix = "model.language_model.layers.0.mlp.experts";
    private const int Experts = 3;
    private const int Block = 4;

    // Finite codes only, all of them different in sign or size.
    private static readonly Func<int, int, int, int, byte> Code = (kind, expert, row, column) => (byte)((kind * 71 + expert * 37 + row * 13 + column * 5) % 0x7f);

    private readonly ModelFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(false, false)]
    public void GateUpDown_FusedInEitherOrientation_AreTheSameMatrices(bool isInputMajor, bool isFloat8)
    {
        // 5 is no multiple of the block: the up half begins inside a block of scales.
        CheckFused(hidden: 6, intermediate: 5, isInputMajor, isInputMajor, isFloat8);
    }

    [Theory]
    [InlineData(10, 5, true)]
    [InlineData(10, 5, false)]
    [InlineData(5, 5, true)]
    [InlineData(5, 5, false)]
    public void GateUpDown_OneSquareTensor_TakesTheOrientationOfTheOther(int hidden, int intermediate, bool isInputMajor) =>
        CheckFused(hidden, intermediate, isInputMajor, isInputMajor, isFloat8: true);

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public void GateUpDown_TensorsOfDifferentOrientations_AreReadEachByItsShape(bool isGateUpInputMajor, bool isDownInputMajor) =>
        CheckFused(6, 5, isGateUpInputMajor, isDownInputMajor, isFloat8: true);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void GateUpDown_OneByOne_AreTheTensors(bool isFloat8)
    {
        const int Hidden = 6;
        const int Intermediate = 5;
        var file = new TensorFile();
        for (int expert = 0; expert < Experts; expert++)
        {
            AddMatrix(file, $"{Prefix}.{expert}.gate_proj.weight", 0, expert, (0, Intermediate, Hidden), isFloat8);
            AddMatrix(file, $"{Prefix}.{expert}.up_proj.weight", 0, expert, (Intermediate, Intermediate, Hidden), isFloat8);
            AddMatrix(file, $"{Prefix}.{expert}.down_proj.weight", 1, expert, (0, Hidden, Intermediate), isFloat8);
        }

        file.Write(_folder);
        using CheckpointIndex index = CheckpointIndex.Open(_folder.Path);
        var map = new ExpertMap(new WeightMap(index, new QuantizationConfig(Block, Block, [])), Prefix, (Experts, Hidden, Intermediate));
        for (int expert = 0; expert < Experts; expert++)
        {
            // The scales of single matrices start at their own first row.
            (StoredWeight gate, StoredWeight up) = map.GateUp(expert);
            ReadAll(gate).ShouldBe(Expected(0, expert, (0, Intermediate, Hidden), isFloat8, firstScaleRow: 0));
            ReadAll(up).ShouldBe(Expected(0, expert, (Intermediate, Intermediate, Hidden), isFloat8, firstScaleRow: Intermediate));
            ReadAll(map.Down(expert)).ShouldBe(Expected(1, expert, (0, Hidden, Intermediate), isFloat8, firstScaleRow: 0));
        }
    }

    [Fact]
    public void ExpertMap_WrongShapeOrMissingHalf_ThrowsNamingTheTensor()
    {
        new TensorFile().AddFloats($"{Prefix}.gate_up_proj", [1, 4, 7], new float[28]).AddFloats($"{Prefix}.down_proj", [1, 3, 4], new float[12]).Write(_folder);
        Should.Throw<CheckpointException>(() => Open(hidden: 4, intermediate: 3)).Message.ShouldContain("gate_up_proj must have shape [1, 4, 6] or [1, 6, 4]; got [1, 4, 7]");
        new TensorFile().AddFloats($"{Prefix}.gate_up_proj", [1, 4, 6], new float[24]).Write(_folder);
        Should.Throw<CheckpointException>(() => Open(hidden: 4, intermediate: 3)).Message.ShouldContain("down_proj");
        new TensorFile().AddFloats($"{Prefix}.0.gate_proj.weight", [3, 4], new float[12]).Write(_folder);
        Should.Throw<CheckpointException>(() => Open(hidden: 4, intermediate: 3)).Message.ShouldContain("0.up_proj.weight");
    }

    private void Open(int hidden, int intermediate)
    {
        using CheckpointIndex index = CheckpointIndex.Open(_folder.Path);
        new ExpertMap(new WeightMap(index), Prefix, (1, hidden, intermediate)).GateUp(0);
    }

    private void CheckFused(int hidden, int intermediate, bool isGateUpInputMajor, bool isDownInputMajor, bool isFloat8)
    {
        var file = new TensorFile();
        AddFused(file, $"{Prefix}.gate_up_proj", 0, (2 * intermediate, hidden), isGateUpInputMajor, isFloat8);
        AddFused(file, $"{Prefix}.down_proj", 1, (hidden, intermediate), isDownInputMajor, isFloat8);
        file.Write(_folder);
        using CheckpointIndex index = CheckpointIndex.Open(_folder.Path);
        var map = new ExpertMap(new WeightMap(index, new QuantizationConfig(Block, Block, [])), Prefix, (Experts, hidden, intermediate));
        for (int expert = 0; expert < Experts; expert++)
        {
            (StoredWeight gate, StoredWeight up) = map.GateUp(expert);
            ReadAll(gate).ShouldBe(Expected(0, expert, (0, intermediate, hidden), isFloat8, firstScaleRow: 0));
            ReadAll(up).ShouldBe(Expected(0, expert, (intermediate, intermediate, hidden), isFloat8, firstScaleRow: 0));
            ReadAll(map.Down(expert)).ShouldBe(Expected(1, expert, (0, hidden, intermediate), isFloat8, firstScaleRow: 0));
        }
    }

    // Scales depend on the block of the output-major matrix, so a turned tensor has a turned grid.
    private static float Scale(int kind, int expert, int blockRow, int blockColumn) => 0.125f * (1 + kind + 3 * expert + 7 * blockRow + 11 * blockColumn);

    private static float[] Expected(int kind, int expert, (int First, int Rows, int Columns) part, bool isFloat8, int firstScaleRow)
    {
        var values = new List<float>();
        for (int row = part.First; row < part.First + part.Rows; row++)
        {
            for (int column = 0; column < part.Columns; column++)
            {
                byte code = Code(kind, expert, row, column);
                float[] value = new float[1];
                FloatConversion.FromFloat8E4M3([code], value);
                values.Add(isFloat8 ? value[0] * Scale(kind, expert, (row - firstScaleRow) / Block, column / Block) : code);
            }
        }

        return values.ToArray();
    }

    private static void AddFused(TensorFile file, string name, int kind, (int Rows, int Columns) shape, bool isInputMajor, bool isFloat8)
    {
        int[] stored = isInputMajor ? [Experts, shape.Columns, shape.Rows] : [Experts, shape.Rows, shape.Columns];
        var codes = new List<byte>();
        var scales = new List<float>();
        int[] grid = [Experts, (stored[1] - 1) / Block + 1, (stored[2] - 1) / Block + 1];
        for (int expert = 0; expert < Experts; expert++)
        {
            for (int i = 0; i < stored[1]; i++)
            {
                for (int j = 0; j < stored[2]; j++)
                {
                    codes.Add(isInputMajor ? Code(kind, expert, j, i) : Code(kind, expert, i, j));
                }
            }

            for (int i = 0; i < grid[1]; i++)
            {
                for (int j = 0; j < grid[2]; j++)
                {
                    scales.Add(isInputMajor ? Scale(kind, expert, j, i) : Scale(kind, expert, i, j));
                }
            }
        }

        if (isFloat8)
        {
            file.Add(name, "F8_E4M3", stored, [.. codes]).AddFloats(name + "_scale_inv", grid, [.. scales]);
        }
        else
        {
            file.AddFloats(name, stored, codes.Select(code => (float)code).ToArray());
        }
    }

    private static void AddMatrix(TensorFile file, string name, int kind, int expert, (int First, int Rows, int Columns) part, bool isFloat8)
    {
        byte[] codes = Enumerable.Range(0, part.Rows * part.Columns)
            .Select(i => Code(kind, expert, part.First + i / part.Columns, i % part.Columns)).ToArray();
        if (!isFloat8)
        {
            file.AddFloats(name, [part.Rows, part.Columns], codes.Select(code => (float)code).ToArray());
            return;
        }

        int[] grid = [(part.Rows - 1) / Block + 1, (part.Columns - 1) / Block + 1];
        float[] scales = Enumerable.Range(0, grid[0] * grid[1]).Select(i => Scale(kind, expert, i / grid[1], i % grid[1])).ToArray();
        file.Add(name, "F8_E4M3", [part.Rows, part.Columns], codes).AddFloats(name + "_scale_inv", grid, scales);
    }

    private static float[] ReadAll(StoredWeight weight)
    {
        WeightDescription description = weight.Description;
        description.Check();
        float[] values = new float[description.Rows * description.Columns];
        WeightConversion.ReadFloats(weight, 0, values);

        // Any piece is the same rows.
        float[] last = new float[description.Columns];
        WeightConversion.ReadFloats(weight, description.Rows - 1, last);
        last.ShouldBe(values[^description.Columns..]);
        return values;
    }
}
