using System.Runtime.InteropServices;
using Qwen3VL.Engine.Backends;

namespace Qwen3VL.Engine.Cpu;

/// <content>
/// Mixture of experts. Rows are grouped by expert, so that each expert's matrices are read once a step, and experts come in ascending order:
/// the operations on a row and their order are the same whatever rows stand beside it.
/// </content>
internal sealed unsafe partial class CpuKernels
{
    // [rows * topK]: experts of each row, ascending, and their weights.
    private int[] _chosenExperts = new int[64];
    private float[] _expertWeights = new float[64];

    // [experts + 1] where the rows of each expert start; [rows * topK] index of row and choice, by expert and then by row.
    private int[] _expertStarts = new int[64];
    private int[] _expertChoices = new int[64];
    private int[] _expertRows = new int[64];

    /// <inheritdoc/>
    public DeviceTensor MixtureOfExperts(DeviceTensor x, DeviceTensor routerLogits, ExpertWeights experts, int topK)
    {
        CpuTensor input = backend.Own(x);
        CpuTensor logits = backend.Own(routerLogits);
        Require(logits.Rows == input.Rows, "MixtureOfExperts: routerLogits must have the rows of x", logits.Rows, input.Rows);
        Require(topK >= 1 && topK <= logits.Columns, "MixtureOfExperts: topK must be 1 to the number of experts", topK, logits.Columns);
        CheckExperts(experts, logits.Columns, input.Columns);
        CpuTensor result = backend.NewTensor(input.Rows, input.Columns);
        NativeMemory.Clear(result.Data, (nuint)result.Length * sizeof(float));
        Route(logits, topK);
        GroupByExpert(logits.Columns, input.Rows * topK);
        for (int expert = 0; expert < logits.Columns; expert++)
        {
            int count = _expertStarts[expert + 1] - _expertStarts[expert];
            if (count > 0)
            {
                AddExpert(input, (experts.Gate[expert], experts.Up[expert], experts.Down[expert]), (_expertStarts[expert], count), topK, result);
            }
        }

        return result;
    }

    private static void CheckExperts(ExpertWeights experts, int numExperts, int hidden)
    {
        Require(experts.Gate.Count == numExperts && experts.Up.Count == numExperts && experts.Down.Count == numExperts,
            "MixtureOfExperts: experts must be as many as columns of routerLogits", experts.Gate.Count, numExperts);
        for (int expert = 0; expert < numExperts; expert++)
        {
            Weight gate = experts.Gate[expert];
            Weight up = experts.Up[expert];
            Weight down = experts.Down[expert];
            Require(gate.Columns == hidden && up.Columns == hidden && down.Rows == hidden, "MixtureOfExperts: experts must fit the columns of x", gate.Columns, hidden);
            Require(up.Rows == gate.Rows && down.Columns == gate.Rows, "MixtureOfExperts: matrices of an expert must fit each other", up.Rows, gate.Rows);
        }
    }

    // Chooses the experts of every row, ascending, with the softmax over the chosen logits.
    private void Route(CpuTensor logits, int topK)
    {
        int choices = checked(logits.Rows * topK);
        Reserve(ref _chosenExperts, choices);
        Reserve(ref _expertWeights, choices);
        for (int row = 0; row < logits.Rows; row++)
        {
            ReadOnlySpan<float> values = Row(logits, row);
            Span<int> chosen = _chosenExperts.AsSpan(row * topK, topK);
            Choose(values, chosen);
            float highest = values[chosen[0]];
            chosen.Sort();
            double total = 0;
            foreach (int expert in chosen)
            {
                total += Math.Exp((double)values[expert] - highest);
            }

            // NaN compares with nothing, so it may have been passed over: its row must show it all the same.
            double unit = values.Contains(float.NaN) ? double.NaN : 1 / total;
            for (int i = 0; i < topK; i++)
            {
                _expertWeights[row * topK + i] = (float)(Math.Exp((double)values[chosen[i]] - highest) * unit);
            }
        }
    }

    // The highest values first; the lower index among equal ones.
    private static void Choose(ReadOnlySpan<float> values, Span<int> chosen)
    {
        for (int place = 0; place < chosen.Length; place++)
        {
            ReadOnlySpan<int> earlier = chosen[..place];
            int best = -1;
            for (int expert = 0; expert < values.Length; expert++)
            {
                if ((best < 0 || values[expert] > values[best]) && !earlier.Contains(expert))
                {
                    best = expert;
                }
            }

            chosen[place] = best;
        }
    }

    // A counting sort of all choices by expert: inside one expert rows ascend.
    private void GroupByExpert(int numExperts, int choices)
    {
        Reserve(ref _expertStarts, numExperts + 1);
        Reserve(ref _expertChoices, choices);
        Reserve(ref _expertRows, choices);
        Span<int> starts = _expertStarts.AsSpan(0, numExperts + 1);
        starts.Clear();
        foreach (int expert in _chosenExperts.AsSpan(0, choices))
        {
            starts[expert + 1]++;
        }

        for (int expert = 0; expert < numExperts; expert++)
        {
            starts[expert + 1] += starts[expert];
        }

        for (int choice = 0; choice < choices; choice++)
        {
            _expertChoices[starts[_chosenExperts[choice]]++] = choice;
        }

        // Filling moved every start to the next one's place.
        for (int expert = numExperts; expert > 0; expert--)
        {
            starts[expert] = starts[expert - 1];
        }

        starts[0] = 0;
    }

    private void AddExpert(CpuTensor input, (Weight Gate, Weight Up, Weight Down) expert, (int First, int Count) range, int topK, CpuTensor result)
    {
        ReadOnlySpan<int> choices = _expertChoices.AsSpan(range.First, range.Count);
        Span<int> rows = _expertRows.AsSpan(0, range.Count);
        for (int i = 0; i < choices.Length; i++)
        {
            rows[i] = choices[i] / topK;
        }

        using ITensorScope scope = backend.OpenScope();
        DeviceTensor gathered = range.Count == input.Rows ? input : GatherRows(input, rows);
        DeviceTensor gate = Linear(gathered, expert.Gate);
        DeviceTensor inner = SiluMul(gate, Linear(gathered, expert.Up));
        CpuTensor output = backend.Own(Linear(inner, expert.Down));
        for (int i = 0; i < choices.Length; i++)
        {
            AddScaled(Row(output, i), _expertWeights[choices[i]], Row(result, rows[i]));
        }
    }

    private static void AddScaled(ReadOnlySpan<float> values, float factor, Span<float> sum)
    {
        for (int i = 0; i < sum.Length; i++)
        {
            sum[i] += values[i] * factor;
        }
    }

    private static void Reserve<T>(ref T[] array, int length)
    {
        if (array.Length < length)
        {
            array = new T[Math.Max(length, 2 * array.Length)];
        }
    }
}
