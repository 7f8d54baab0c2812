using Qwen3VL.Engine.Backends;
using Shouldly;

namespace Qwen3VL.Engine.Contract;

/// <content>Functions of single values, rotation, and moves of rows and columns.</content>
public abstract partial class KernelContract
{
    // Around the borders of the approximations, zeros of both signs, and both ends of the range.
    private static readonly float[] Specials =
    [
        0f, -0f, 1e-40f, -1e-40f, 1e-10f, 0.5f, 0.999999f, 1f, 1.000001f, 1.4142135f, 1.4142137f, -1.4142137f, 3f, -3f, 3.99f, 4f, 4.01f, -4.01f,
        5.6f, 5.7f, -5.6f, -5.7f, 10f, -10f, 20f, -20f, 80f, 87.3f, 88.8f, -87.3f, -88.8f, 104f, -104f, -200f, 1e10f, -1e10f,
    ];

    [ContractFact]
    public void Gelu_EveryLengthAndSpecialValues_EqualsSpecification()
    {
        foreach (GeluKind kind in Enum.GetValues<GeluKind>())
        {
            foreach (float[] x in ElementCases())
            {
                using ITensorScope scope = Backend.OpenScope();
                float[] actual = Download(Backend.Kernels.Gelu(Backend.Upload(x, x.Length, 1), kind));
                float[] expected = x.Select(value => (float)ScalarKernels.Gelu(value, kind)).ToArray();
                ShouldMatch(actual, expected, 0.3, $"{kind} of {x.Length}");
            }
        }
    }

    [ContractFact]
    public void SiluMul_EveryLengthAndSpecialValues_EqualsSpecification()
    {
        foreach (float[] gate in ElementCases())
        {
            float[] up = Values(gate.Length);
            using ITensorScope scope = Backend.OpenScope();
            float[] actual = Download(Backend.Kernels.SiluMul(Backend.Upload(gate, gate.Length, 1), Backend.Upload(up, up.Length, 1)));
            float[] expected = gate.Zip(up, (g, u) => (float)((float)ScalarKernels.Silu(g) * u)).ToArray();
            ShouldMatch(actual, expected, 1e-6, $"silu of {gate.Length}");
        }
    }

    [ContractFact]
    public void Elements_NaN_GiveNaNThereOnly()
    {
        float[] x = Values(40);
        x[18] = float.NaN;
        using ITensorScope scope = Backend.OpenScope();
        DeviceTensor tensor = Backend.Upload(x, 4, 10);
        foreach (DeviceTensor result in new[]
        {
            Backend.Kernels.Gelu(tensor, GeluKind.Tanh), Backend.Kernels.Gelu(tensor, GeluKind.Erf), Backend.Kernels.SiluMul(tensor, tensor),
            Backend.Kernels.Add(tensor, tensor),
        })
        {
            float[] values = Download(result);
            Enumerable.Range(0, 40).Where(i => float.IsNaN(values[i])).ShouldBe([18]);
        }
    }

    [ContractFact]
    public void Elements_PlaceInTheTensor_DoesNotMatter()
    {
        const int most = 40_000;
        float[] x = Values(most).Select(value => value * 6).ToArray();
        using ITensorScope scope = Backend.OpenScope();
        DeviceTensor whole = Backend.Upload(x, most, 1);
        float[] erf = Download(Backend.Kernels.Gelu(whole, GeluKind.Erf));
        float[] tanh = Download(Backend.Kernels.Gelu(whole, GeluKind.Tanh));
        float[] silu = Download(Backend.Kernels.SiluMul(whole, whole));
        foreach (int first in new[] { 0, 1, 5, 777, most - 9 })
        {
            DeviceTensor part = Backend.Upload(x.AsSpan(first, 9), 9, 1);
            ShouldBeSame(Download(Backend.Kernels.Gelu(part, GeluKind.Erf)), erf[first..(first + 9)], $"erf at {first}");
            ShouldBeSame(Download(Backend.Kernels.Gelu(part, GeluKind.Tanh)), tanh[first..(first + 9)], $"tanh at {first}");
            ShouldBeSame(Download(Backend.Kernels.SiluMul(part, part)), silu[first..(first + 9)], $"silu at {first}");
        }
    }

    [ContractFact]
    public void Add_EveryLength_EqualsTheSum()
    {
        for (int length = 0; length <= LongestShortRow; length++)
        {
            float[] a = Values(length);
            float[] b = Values(length);
            using ITensorScope scope = Backend.OpenScope();
            float[] actual = Download(Backend.Kernels.Add(Backend.Upload(a, length, 1), Backend.Upload(b, length, 1)));
            ShouldBeSame(actual, a.Zip(b, (x, y) => x + y).ToArray(), $"length {length}");
        }
    }

    [ContractFact]
    public void Rotate_EveryHeadLength_EqualsSpecification()
    {
        for (int headDim = 2; headDim <= 2 * LongestShortRow; headDim += 2)
        {
            const int rows = 3;
            float[] x = Values(rows * 2 * headDim);
            float[] cos = Values(rows * headDim / 2);
            float[] sin = Values(rows * headDim / 2);
            using ITensorScope scope = Backend.OpenScope();
            DeviceTensor cosines = Backend.Upload(cos, rows, headDim / 2);
            DeviceTensor sines = Backend.Upload(sin, rows, headDim / 2);
            float[] actual = Download(Backend.Kernels.Rotate(Backend.Upload(x, rows, 2 * headDim), cosines, sines, headDim));
            ShouldMatch(actual, ScalarKernels.Rotate(x, cos, sin, rows, headDim), 1, $"head {headDim}");
        }
    }

    [ContractFact]
    public void Elements_WrongShapes_Throw()
    {
        using ITensorScope scope = Backend.OpenScope();
        DeviceTensor a = Backend.Upload(Values(6), 2, 3);
        DeviceTensor b = Backend.Upload(Values(6), 3, 2);
        DeviceTensor quarter = Backend.Upload(Values(2), 2, 1);
        Should.Throw<ArgumentException>(() => Backend.Kernels.Add(a, b)).Message.ShouldContain("[2, 3] and [3, 2]");
        Should.Throw<ArgumentException>(() => Backend.Kernels.SiluMul(a, b));
        Should.Throw<ArgumentException>(() => Backend.Kernels.Rotate(a, quarter, quarter, 2)).Message.ShouldContain("Rotate");
        Should.Throw<ArgumentException>(() => Backend.Kernels.Rotate(b, b, b, 2));
        Should.Throw<ArgumentException>(() => Backend.Upload(Values(5), 2, 3));
        Should.Throw<ArgumentException>(() => Backend.Download(a, new float[5]));
        Should.Throw<ArgumentException>(() => Backend.CreateWeight("weight", Values(5), 2, 3));
    }

    [ContractFact]
    public void Moves_OfRowsAndColumns_KeepValues()
    {
        float[] x = Values(5 * 7);
        using ITensorScope scope = Backend.OpenScope();
        DeviceTensor tensor = Backend.Upload(x, 5, 7);
        ShouldBeSame(Download(Backend.Kernels.SliceColumns(tensor, 2, 3)), Pick([0, 1, 2, 3, 4], [2, 3, 4]), "slice");
        ShouldBeSame(Download(Backend.Kernels.GatherRows(tensor, [4, 0, 4])), Pick([4, 0, 4], [0, 1, 2, 3, 4, 5, 6]), "gather");
        ShouldBeSame(Download(Backend.Kernels.GatherRows(tensor, [])), [], "gather none");
        DeviceTensor reshaped = Backend.Kernels.Reshape(tensor, 7, 5);
        (reshaped.Rows, reshaped.Columns).ShouldBe((7, 5));
        ShouldBeSame(Download(reshaped), x, "reshape");

        float[] y = Values(4 * 7);
        DeviceTensor source = Backend.Upload(y, 4, 7);
        Backend.Kernels.SetRows(tensor, 1, source, 2, 2);
        y.AsSpan(14, 14).CopyTo(x.AsSpan(7));
        ShouldBeSame(Download(tensor), x, "set");
        Backend.Kernels.AddRows(tensor, 3, source, 0, 2);
        for (int i = 0; i < 14; i++)
        {
            x[21 + i] += y[i];
        }

        ShouldBeSame(Download(tensor), x, "add");

        float[] Pick(int[] rows, int[] columns) => rows.SelectMany(row => columns.Select(column => x[row * 7 + column])).ToArray();
    }

    [ContractFact]
    public void Moves_OutOfRange_Throw()
    {
        using ITensorScope scope = Backend.OpenScope();
        DeviceTensor x = Backend.Upload(Values(35), 5, 7);
        DeviceTensor other = Backend.Upload(Values(12), 4, 3);
        Should.Throw<ArgumentException>(() => Backend.Kernels.SliceColumns(x, 5, 3)).Message.ShouldContain("SliceColumns");
        Should.Throw<ArgumentException>(() => Backend.Kernels.GatherRows(x, [5])).Message.ShouldContain("GatherRows");
        Should.Throw<ArgumentException>(() => Backend.Kernels.Reshape(x, 6, 6)).Message.ShouldContain("Reshape");
        Should.Throw<ArgumentException>(() => Backend.Kernels.SetRows(x, 0, other, 0, 1)).Message.ShouldContain("SetRows");
        Should.Throw<ArgumentException>(() => Backend.Kernels.AddRows(x, 4, Backend.Kernels.Reshape(x, 5, 7), 0, 2)).Message.ShouldContain("AddRows");
    }

    [ContractFact]
    public void Scopes_KeepAndPromote_DecideWhoFrees()
    {
        DeviceTensor kept;
        using (ITensorScope outer = Backend.OpenScope())
        {
            using (ITensorScope inner = Backend.OpenScope())
            {
                kept = inner.Keep(Backend.Upload(Values(4), 2, 2));
                inner.Promote(Backend.Upload(Values(4), 2, 2));
                Backend.Upload(Values(4), 2, 2);
                Backend.Statistics.LiveTensors.ShouldBe(3);
            }

            Backend.Statistics.LiveTensors.ShouldBe(2);
        }

        Backend.Statistics.ShouldBe(new BackendStatistics(1, 16, 0, 0));
        kept.Dispose();
        kept.Dispose();
        Backend.Statistics.ShouldBe(default);
        Should.Throw<InvalidOperationException>(() => Backend.Upload(Values(4), 2, 2));
    }

    private IEnumerable<float[]> ElementCases()
    {
        for (int length = 0; length <= LongestShortRow; length++)
        {
            yield return Values(length).Select(value => value * 8).ToArray();
        }

        yield return Specials;
        yield return Enumerable.Range(-4000, 8001).Select(i => i / 400f).ToArray();
    }
}
