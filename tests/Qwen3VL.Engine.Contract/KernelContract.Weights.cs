using System.Runtime.InteropServices;
using Qwen3VL.Engine.Backends;
using Qwen3VL.Engine.Checkpoints;

namespace Qwen3VL.Engine.Contract;

/// <content>Weights held in narrow types: everything equals, to the last bit, the same values held as 32-bit floats.</content>
public abstract partial class KernelContract
{
    private static readonly WeightType[] NarrowTypes = [WeightType.BF16, WeightType.F16, WeightType.F8E4M3];

    [ContractFact]
    public void Linear_NarrowWeights_EqualTheSameValuesHeldAsFloats()
    {
        (int Outputs, int Depth)[] shapes = [(2, 1), (31, 7), (32, 256), (33, 129), (75, 613), (130, 300)];
        foreach (WeightType type in NarrowTypes)
        {
            foreach ((int outputs, int depth) in shapes)
            {
                CheckNarrow(new WeightDescription("weight", outputs, depth, type) { Scales = ScalesFor(type, outputs, depth, (128, 128), 0) });
            }
        }
    }

    [ContractFact]
    public void Linear_ScaleBlocksThatBeginAnywhere_EqualTheSameValuesHeldAsFloats()
    {
        // Half of a fused matrix: its first row lies inside a block of the grid. Blocks smaller than a panel and wider than the weight.
        foreach (((int Rows, int Columns) block, int firstRow) in new[] { ((128, 128), 136), ((128, 128), 5), ((7, 5), 3), ((1, 1), 0), ((1000, 300), 990) })
        {
            const int outputs = 150;
            const int depth = 261;
            WeightScales? scales = ScalesFor(WeightType.F8E4M3, outputs, depth, block, firstRow);
            CheckNarrow(new WeightDescription("weight", outputs, depth, WeightType.F8E4M3) { Scales = scales });
        }
    }

    [ContractFact]
    public void Linear_ScalesOfAnySize_EqualTheSameValuesHeldAsFloats()
    {
        // The smallest and the largest numbers there are, and what quantisers write.
        foreach (float scale in new[] { 1e-45f, 1e-38f, 1e-4f, -0.5f, 255, 256, 1e5f, 7e35f })
        {
            var scales = new WeightScales(new[] { scale, 0.25f * scale }, 2, 64, 40);
            CheckNarrow(new WeightDescription("weight", 50, 70, WeightType.F8E4M3) { Scales = scales });
        }
    }

    [ContractFact]
    public void Linear_EveryCodeOfNarrowTypes_IsWidenedExactly()
    {
        foreach (WeightType type in NarrowTypes)
        {
            int codes = type == WeightType.F8E4M3 ? 1 << 8 : 1 << 16;
            byte[] stored = type == WeightType.F8E4M3
                ? Enumerable.Range(0, codes).Select(code => (code & 0x7f) == 0x7f ? (byte)0 : (byte)code).ToArray()
                : MemoryMarshal.AsBytes(Enumerable.Range(0, codes).Select(code => (ushort)code).ToArray().AsSpan()).ToArray();
            CheckNarrow(new WeightDescription("weight", codes, 1, type), stored, rowCounts: [1, 5], x: 1);
        }
    }

    [ContractFact]
    public void Vectors_OfNarrowTypes_AreTheirValues()
    {
        foreach (WeightType type in NarrowTypes)
        {
            var description = new WeightDescription("gain", 1, 77, type);
            byte[] stored = Stored(description);
            float[] values = new float[77];
            FloatConversion.Widen(type, stored, values);
            using Weight narrow = Create(description, stored);
            using Weight wide = Backend.CreateWeight("gain", values, 1, 77);
            using ITensorScope scope = Backend.OpenScope();
            DeviceTensor x = Backend.Upload(Values(154), 2, 77);
            ShouldBeSame(Download(Backend.Kernels.RmsNorm(x, narrow, 1e-6f)), Download(Backend.Kernels.RmsNorm(x, wide, 1e-6f)), $"norm {type}");
            ShouldBeSame(Download(Backend.Kernels.Linear(x, narrow)), Download(Backend.Kernels.Linear(x, wide)), $"product {type}");
        }
    }

    private void CheckNarrow(WeightDescription description) =>
        CheckNarrow(description, Stored(description), rowCounts: [1, 2, 3, 4, 5, 7, 12, 100], x: null);

    private void CheckNarrow(WeightDescription description, byte[] stored, int[] rowCounts, float? x)
    {
        (int outputs, int depth) = (description.Rows, description.Columns);
        float[] values = new float[outputs * depth];
        WeightConversion.Widen(description, 0, stored, values);
        using Weight narrow = Create(description, stored);
        using Weight wide = Backend.CreateWeight("weight", values, outputs, depth);
        using Weight bias = Backend.CreateWeight("bias", Values(outputs), 1, outputs);
        foreach (int rows in rowCounts)
        {
            using ITensorScope scope = Backend.OpenScope();
            float[] input = x is { } value ? Enumerable.Repeat(value, rows * depth).ToArray() : Values(rows * depth);
            DeviceTensor tensor = Backend.Upload(input, rows, depth);
            string what = $"{description.Type} {rows} x {depth} x {outputs}, scales {description.Scales?.BlockRows} x {description.Scales?.BlockColumns}";
            ShouldBeSame(Download(Backend.Kernels.Linear(tensor, narrow)), Download(Backend.Kernels.Linear(tensor, wide)), what);
            ShouldBeSame(Download(Backend.Kernels.Linear(tensor, narrow, bias)), Download(Backend.Kernels.Linear(tensor, wide, bias)), what);
        }

        using ITensorScope rowScope = Backend.OpenScope();
        int[] ids = [0, outputs / 2, outputs - 1];
        ShouldBeSame(Download(Backend.Kernels.Embed(narrow, ids)), Download(Backend.Kernels.Embed(wide, ids)), $"rows of {description.Type}");
    }

    private Weight Create(WeightDescription description, byte[] stored) => Backend.CreateWeight(
        description, (firstRow, destination) => stored.AsSpan((int)(firstRow * description.RowBytes), destination.Length).CopyTo(destination));

    // Finite numbers of every size, subnormal ones and zeros of both signs included.
    private byte[] Stored(WeightDescription description)
    {
        float[] values = Values(description.Rows * description.Columns);
        if (description.Type == WeightType.F8E4M3)
        {
            return values.Select((value, i) => (byte)(BitConverter.SingleToUInt32Bits(value) >> 3 ^ (uint)i)).Select(code => (code & 0x7f) == 0x7f ? (byte)1 : code).ToArray();
        }

        if (description.Type == WeightType.F16)
        {
            Half[] halves = values.Select((value, i) => (Half)(i % 5 == 0 ? value * 1e-6f : value)).ToArray();
            return MemoryMarshal.AsBytes(halves.AsSpan()).ToArray();
        }

        ushort[] narrow = new ushort[values.Length];
        FloatConversion.ToBFloat16(values, narrow);
        return MemoryMarshal.AsBytes(narrow.AsSpan()).ToArray();
    }

    private WeightScales? ScalesFor(WeightType type, int rows, int columns, (int Rows, int Columns) block, int firstRow)
    {
        if (type != WeightType.F8E4M3)
        {
            return null;
        }

        int gridColumns = (columns - 1) / block.Columns + 1;
        int gridRows = (firstRow + rows - 1) / block.Rows + 1;
        return new WeightScales(Values(gridRows * gridColumns), gridColumns, block.Rows, block.Columns, firstRow);
    }
}
