using Qwen3VL.Engine.Backends;
using Shouldly;

namespace Qwen3VL.Engine.Contract;

/// <content>Matrix products, embeddings and norms.</content>
public abstract partial class KernelContract
{
    [ContractFact]
    public void Linear_OddShapes_EqualsSpecification()
    {
        int[] sizes = [1, 2, 3, 7, 8, 15, 16, 17, 31, 32, 33, 65, 100];
        foreach (int rows in new[] { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13, 23, 25 })
        {
            foreach (int outputs in sizes)
            {
                CheckLinear(rows, outputs, depth: sizes[(rows + outputs) % sizes.Length]);
            }
        }
    }

    [ContractFact]
    public void Linear_DepthsAndRowsBeyondOneBlock_EqualsSpecification()
    {
        CheckLinear(rows: 1, outputs: 70, depth: 1031);
        CheckLinear(rows: 100, outputs: 67, depth: 515);
        CheckLinear(rows: 197, outputs: 96, depth: 256);
        CheckLinear(rows: 13, outputs: 4304 / 8, depth: 577);
    }

    [ContractFact]
    public void Linear_AnyNumberOfRows_GivesEachRowTheSameResult()
    {
        const int outputs = 75;
        const int depth = 613;
        const int most = 27;
        float[] x = Values(most * depth);
        using Weight weight = Backend.CreateWeight("weight", Values(outputs * depth), outputs, depth);
        using Weight bias = Backend.CreateWeight("bias", Values(outputs), 1, outputs);
        using ITensorScope scope = Backend.OpenScope();
        float[] all = Download(Backend.Kernels.Linear(Backend.Upload(x, most, depth), weight, bias));
        for (int rows = 1; rows < most; rows++)
        {
            // The last rows alone: other neighbours, other place in a tile.
            float[] part = Download(Backend.Kernels.Linear(Backend.Upload(x.AsSpan((most - rows) * depth), rows, depth), weight, bias));
            ShouldBeSame(part, all[((most - rows) * outputs)..], $"last {rows} rows");
        }
    }

    [ContractFact]
    public void Linear_WithInfinityInOneRow_LeavesOtherRowsAlone()
    {
        const int depth = 40;
        float[] x = Values(13 * depth);
        using Weight weight = Backend.CreateWeight("weight", Values(33 * depth), 33, depth);
        using ITensorScope scope = Backend.OpenScope();
        float[] clean = Download(Backend.Kernels.Linear(Backend.Upload(x, 13, depth), weight));
        x.AsSpan(5 * depth, depth).Fill(float.NaN);
        float[] dirty = Download(Backend.Kernels.Linear(Backend.Upload(x, 13, depth), weight));
        ShouldBeSame(dirty[..(5 * 33)], clean[..(5 * 33)], "rows before");
        ShouldBeSame(dirty[(6 * 33)..], clean[(6 * 33)..], "rows after");
        dirty[5 * 33].ShouldBe(float.NaN);
    }

    [ContractFact]
    public void Linear_WrongShapes_Throws()
    {
        using Weight weight = Backend.CreateWeight("weight", Values(12), 3, 4);
        using Weight shortBias = Backend.CreateWeight("bias", Values(2), 1, 2);
        using ITensorScope scope = Backend.OpenScope();
        DeviceTensor x = Backend.Upload(Values(10), 2, 5);
        DeviceTensor fitting = Backend.Upload(Values(8), 2, 4);
        Should.Throw<ArgumentException>(() => Backend.Kernels.Linear(x, weight)).Message.ShouldContain("Linear");
        Should.Throw<ArgumentException>(() => Backend.Kernels.Linear(fitting, weight, shortBias)).Message.ShouldContain("Linear");
    }

    [ContractFact]
    public void Embed_AllIds_ReturnsRowsOfTheTable()
    {
        foreach (int vocabulary in new[] { 1, 5, 32, 33, 100 })
        {
            const int hidden = 19;
            float[] table = Values(vocabulary * hidden);
            using Weight weight = Backend.CreateWeight("table", table, vocabulary, hidden);
            using ITensorScope scope = Backend.OpenScope();
            int[] ids = Enumerable.Range(0, vocabulary).Reverse().ToArray();
            float[] expected = ids.SelectMany(id => table[(id * hidden)..((id + 1) * hidden)]).ToArray();
            ShouldBeSame(Download(Backend.Kernels.Embed(weight, ids)), expected, $"vocabulary {vocabulary}");
            Should.Throw<ArgumentException>(() => Backend.Kernels.Embed(weight, [vocabulary])).Message.ShouldContain("Embed");
            Should.Throw<ArgumentException>(() => Backend.Kernels.Embed(weight, [-1]));
        }
    }

    [ContractFact]
    public void RmsNorm_EveryLength_EqualsSpecification()
    {
        for (int size = 1; size <= LongestShortRow; size++)
        {
            float[] x = Values(6 * size);
            float[] gain = Values(size);
            using Weight weight = Backend.CreateWeight("gain", gain, 1, size);
            using ITensorScope scope = Backend.OpenScope();

            // Three rows of two groups: the form that norms single heads.
            float[] actual = Download(Backend.Kernels.RmsNorm(Backend.Upload(x, 3, 2 * size), weight, 1e-6f));
            ShouldMatch(actual, ScalarKernels.RmsNorm(x, gain, 1e-6f), 1, $"size {size}");
        }
    }

    [ContractFact]
    public void LayerNorm_EveryLength_EqualsSpecification()
    {
        for (int size = 1; size <= LongestShortRow; size++)
        {
            float[] x = Values(5 * size);
            float[] gain = Values(size);
            float[] shift = Values(size);
            using Weight weight = Backend.CreateWeight("gain", gain, 1, size);
            using Weight bias = Backend.CreateWeight("shift", shift, 1, size);
            using ITensorScope scope = Backend.OpenScope();
            float[] actual = Download(Backend.Kernels.LayerNorm(Backend.Upload(x, 5, size), weight, bias, 1e-3f));
            ShouldMatch(actual, ScalarKernels.LayerNorm(x, gain, shift, 1e-3f), 4, $"size {size}");
        }
    }

    [ContractFact]
    public void Norms_ManyRows_EqualSingleRows()
    {
        const int size = 77;
        const int rows = 900;
        float[] x = Values(rows * size);
        using Weight weight = Backend.CreateWeight("gain", Values(size), 1, size);
        using ITensorScope scope = Backend.OpenScope();
        DeviceTensor tensor = Backend.Upload(x, rows, size);
        float[] rms = Download(Backend.Kernels.RmsNorm(tensor, weight, 1e-6f));
        float[] layer = Download(Backend.Kernels.LayerNorm(tensor, weight, weight, 1e-6f));
        for (int row = 0; row < rows; row += 131)
        {
            DeviceTensor single = Backend.Upload(x.AsSpan(row * size, size), 1, size);
            Range range = (row * size)..((row + 1) * size);
            ShouldBeSame(Download(Backend.Kernels.RmsNorm(single, weight, 1e-6f)), rms[range], $"rms row {row}");
            ShouldBeSame(Download(Backend.Kernels.LayerNorm(single, weight, weight, 1e-6f)), layer[range], $"layer row {row}");
        }
    }

    [ContractFact]
    public void Norms_WrongShapes_Throw()
    {
        using Weight weight = Backend.CreateWeight("gain", Values(4), 1, 4);
        using ITensorScope scope = Backend.OpenScope();
        DeviceTensor x = Backend.Upload(Values(12), 2, 6);
        Should.Throw<ArgumentException>(() => Backend.Kernels.RmsNorm(x, weight, 1e-6f)).Message.ShouldContain("RmsNorm");
        Should.Throw<ArgumentException>(() => Backend.Kernels.LayerNorm(x, weight, weight, 1e-6f)).Message.ShouldContain("LayerNorm");
    }

    private void CheckLinear(int rows, int outputs, int depth)
    {
        float[] x = Values(rows * depth);
        float[] values = Values(outputs * depth);
        float[] shift = Values(outputs);
        using Weight weight = Backend.CreateWeight("weight", values, outputs, depth);
        using Weight bias = Backend.CreateWeight("bias", shift, 1, outputs);
        using ITensorScope scope = Backend.OpenScope();
        DeviceTensor tensor = Backend.Upload(x, rows, depth);
        string what = $"{rows} x {depth} x {outputs}";
        ShouldMatch(Download(Backend.Kernels.Linear(tensor, weight)), ScalarKernels.Linear(x, values, null, rows, outputs), Math.Sqrt(depth), what);
        ShouldMatch(Download(Backend.Kernels.Linear(tensor, weight, bias)), ScalarKernels.Linear(x, values, shift, rows, outputs), Math.Sqrt(depth), what);
    }
}
