using Qwen3VL.Engine.Backends;
using Shouldly;

namespace Qwen3VL.Engine.Contract;

/// <content>The mixture of experts.</content>
public abstract partial class KernelContract
{
    [ContractFact]
    public void MixtureOfExperts_OddShapes_EqualsSpecification()
    {
        foreach ((int rows, int hidden, int width, int numExperts, int topK) in new[]
        {
            (1, 8, 4, 1, 1), (1, 33, 17, 5, 2), (7, 16, 31, 8, 3), (13, 40, 8, 3, 3), (25, 19, 33, 16, 8), (0, 8, 4, 2, 1),
        })
        {
            using var experts = new Experts(this, hidden, width, numExperts);
            float[] x = Values(rows * hidden);
            float[] logits = Values(rows * numExperts).Select(value => value * 5).ToArray();
            float[] actual = experts.Run(x, logits, rows, topK);
            float[] expected = Enumerable.Range(0, rows).SelectMany(row => experts.Expected(
                x.AsSpan(row * hidden, hidden).ToArray(), logits.AsSpan(row * numExperts, numExperts).ToArray(), topK)).ToArray();
            ShouldMatch(actual, expected, Math.Sqrt(hidden) * hidden / 4 + width, $"{rows} x {hidden}, {topK} of {numExperts} experts of {width}");
        }
    }

    [ContractFact]
    public void MixtureOfExperts_AnyNeighbours_GiveEachRowTheSameResult()
    {
        const int rows = 23;
        const int hidden = 40;
        const int numExperts = 6;
        using var experts = new Experts(this, hidden, 24, numExperts);
        float[] x = Values(rows * hidden);
        float[] logits = Values(rows * numExperts);
        float[] all = experts.Run(x, logits, rows, 2);
        foreach ((int first, int count) in new[] { (0, 1), (22, 1), (5, 1), (0, 7), (7, 16), (1, 22), (9, 2) })
        {
            float[] part = experts.Run(
                x.AsSpan(first * hidden, count * hidden).ToArray(), logits.AsSpan(first * numExperts, count * numExperts).ToArray(), count, 2);
            ShouldBeSame(part, all[(first * hidden)..((first + count) * hidden)], $"rows {first} and {count - 1} more");
        }

        // Neighbours that all crowd one expert.
        float[] crowded = (float[])logits.Clone();
        for (int row = 1; row < rows; row++)
        {
            crowded[row * numExperts + 3] = 100;
        }

        ShouldBeSame(experts.Run(x, crowded, rows, 2)[..hidden], all[..hidden], "row 0 beside a crowd");
    }

    [ContractFact]
    public void MixtureOfExperts_EqualLogits_TakesTheLowestIndices()
    {
        using var experts = new Experts(this, 12, 8, 7);
        float[] x = Values(12);
        float[] tied = experts.Run(x, [1, 2, 2, 1, 2, 2, 0], 1, 3);
        ShouldBeSame(tied, experts.Run(x, [-90, 2, 2, -90, 2, -90, -90], 1, 3), "experts 1, 2 and 4");
    }

    [ContractFact]
    public void MixtureOfExperts_ExtremeLogits_StayFiniteAndNaNStaysInItsRow()
    {
        const int hidden = 12;
        using var experts = new Experts(this, hidden, 8, 3);
        float[] x = Values(3 * hidden);
        float[] logits = [3e38f, -3e38f, 0, 1, 2, 3, -1e30f, -1e30f, -2e30f];
        float[] clean = experts.Run(x, logits, 3, 2);
        clean.ShouldAllBe(value => float.IsFinite(value));
        ShouldBeSame(clean[..hidden], experts.Run(x[..hidden], [1, -1, 0], 1, 1), "one expert has all the weight");
        logits[5] = float.NaN;
        float[] dirty = experts.Run(x, logits, 3, 2);
        ShouldBeSame(dirty[..hidden], clean[..hidden], "row before");
        dirty[hidden..(2 * hidden)].ShouldAllBe(value => float.IsNaN(value));
        ShouldBeSame(dirty[(2 * hidden)..], clean[(2 * hidden)..], "row behind");
    }

    [ContractFact]
    public void MixtureOfExperts_WrongShapes_Throws()
    {
        using var experts = new Experts(this, 12, 8, 3);
        using var others = new Experts(this, 10, 8, 3);
        Should.Throw<ArgumentException>(() => experts.Run(Values(24), Values(3), 2, 1, logitRows: 1)).Message.ShouldContain("MixtureOfExperts");
        Should.Throw<ArgumentException>(() => experts.Run(Values(12), Values(3), 1, 4)).Message.ShouldContain("topK");
        Should.Throw<ArgumentException>(() => experts.Run(Values(12), Values(3), 1, 0)).Message.ShouldContain("topK");
        Should.Throw<ArgumentException>(() => experts.Run(Values(12), Values(4), 1, 1)).Message.ShouldContain("as many as");
        Should.Throw<ArgumentException>(() => others.Run(Values(12), Values(3), 1, 1, hidden: 12)).Message.ShouldContain("fit the columns");
    }

    private sealed class Experts : IDisposable
    {
        private readonly KernelContract _suite;
        private readonly int _hidden;
        private readonly float[][] _gate;
        private readonly float[][] _up;
        private readonly float[][] _down;
        private readonly ExpertWeights _weights;

        internal Experts(KernelContract suite, int hidden, int width, int numExperts)
        {
            _suite = suite;
            _hidden = hidden;
            _gate = Matrices(numExperts, width * hidden);
            _up = Matrices(numExperts, width * hidden);
            _down = Matrices(numExperts, width * hidden);
            _weights = new ExpertWeights(Create(_gate, width, hidden), Create(_up, width, hidden), Create(_down, hidden, width));
        }

        internal float[] Run(float[] x, float[] logits, int rows, int topK, int? logitRows = null, int? hidden = null)
        {
            using ITensorScope scope = _suite.Backend.OpenScope();
            int heights = logitRows ?? rows;
            int experts = heights == 0 ? _gate.Length : logits.Length / heights;
            return _suite.Download(_suite.Backend.Kernels.MixtureOfExperts(
                _suite.Backend.Upload(x, rows, hidden ?? _hidden), _suite.Backend.Upload(logits, heights, experts), _weights, topK));
        }

        internal IEnumerable<float> Expected(float[] x, float[] logits, int topK) =>
            ScalarKernels.MixtureOfExperts(x, logits, _gate, _up, _down, topK).Select(value => (float)value);

        public void Dispose()
        {
            foreach (Weight weight in _weights.Gate.Concat(_weights.Up).Concat(_weights.Down))
            {
                weight.Dispose();
            }
        }

        private float[][] Matrices(int count, int length) => Enumerable.Range(0, count).Select(_ => _suite.Values(length)).ToArray();

        private Weight[] Create(float[][] matrices, int rows, int columns) =>
            matrices.Select((values, expert) => _suite.Backend.CreateWeight($"expert{expert}", values, rows, columns)).ToArray();
    }
}
