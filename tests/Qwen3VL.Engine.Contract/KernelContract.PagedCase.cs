using Qwen3VL.Engine.Backends;
using Shouldly;

namespace Qwen3VL.Engine.Contract;

/// <content>Sequences in a paged cache with their keys and values at hand.</content>
public abstract partial class KernelContract
{
    private sealed class PagedCase : IDisposable
    {
        private const int Layer = 1;

        private readonly KernelContract _suite;
        private readonly int _heads;
        private readonly int _kvHeads;
        private readonly int _headDim;
        private readonly int[] _contexts;
        private readonly int[][] _tables;
        private readonly float[][] _queries;
        private readonly float[][] _keys;
        private readonly float[][] _values;
        private readonly KvCache _cache;

        internal PagedCase(KernelContract suite, int heads, int kvHeads, int headDim, int[] contexts, bool reversed, PagedCase? same = null)
        {
            _suite = suite;
            _heads = heads;
            _kvHeads = kvHeads;
            _headDim = headDim;
            _contexts = contexts;
            int[] counts = contexts.Select(context => (context + 15) / 16).ToArray();
            int total = counts.Sum();
            IEnumerable<int> ids = reversed ? Enumerable.Range(1, total).Reverse() : Enumerable.Range(1, total);
            _tables = counts.Select((count, i) => ids.Skip(counts.Take(i).Sum()).Take(count).ToArray()).ToArray();
            _queries = same?._queries ?? contexts.Select(context => suite.Values(context * heads * headDim)).ToArray();
            _keys = same?._keys ?? contexts.Select(context => suite.Values(context * kvHeads * headDim)).ToArray();
            _values = same?._values ?? contexts.Select(context => suite.Values(context * kvHeads * headDim)).ToArray();
            _cache = suite.Backend.CreateKvCache(new KvCacheShape(Layer + 1, total + 1, kvHeads, headDim));
            for (int sequence = 0; sequence < contexts.Length; sequence++)
            {
                Write(_keys[sequence], _values[sequence], Enumerable.Range(0, contexts[sequence]).Select(t => Slot(sequence, t)).ToArray());
            }
        }

        internal float Scale { get; init; } = 0.7f;

        public void Dispose() => _cache.Dispose();

        /// <summary>Runs the last queries of every sequence, compares with the specification and returns the result.</summary>
        internal float[] Check(int[] numQueries)
        {
            float[] actual = Run(Enumerable.Range(0, _contexts.Length).ToArray(), numQueries);
            float[] expected = _contexts.SelectMany((_, sequence) => Expected(sequence, numQueries[sequence])).ToArray();

            // The error of a weight is that of its score, a sum of headDim products times the scale.
            _suite.ShouldMatch(actual, expected, 2 + 2 * Scale * Math.Sqrt(_headDim), $"{_heads}/{_kvHeads} x {_headDim}, contexts {string.Join(' ', _contexts)}");
            return actual;
        }

        internal float[] RunAlone(int sequence, int numQueries) => Run([sequence], [numQueries]);

        /// <summary>Writes NaN to every slot that no sequence uses.</summary>
        internal void Poison()
        {
            HashSet<int> used = Enumerable.Range(0, _contexts.Length).SelectMany(s => Enumerable.Range(0, _contexts[s]).Select(t => Slot(s, t))).ToHashSet();
            int[] free = Enumerable.Range(0, _cache.Shape.Blocks * 16).Where(slot => !used.Contains(slot)).ToArray();
            float[] garbage = Enumerable.Repeat(float.NaN, free.Length * _kvHeads * _headDim).ToArray();
            free.Length.ShouldBePositive();
            Write(garbage, garbage, free);
        }

        private float[] Run(int[] sequences, int[] numQueries)
        {
            int width = _heads * _headDim;
            float[] q = sequences.SelectMany((s, i) => _queries[s][((_contexts[s] - numQueries[i]) * width)..]).ToArray();
            int[] starts = new int[sequences.Length + 1];
            for (int i = 0; i < sequences.Length; i++)
            {
                starts[i + 1] = starts[i] + numQueries[i];
            }

            var batch = new AttentionBatch(
                sequences.Length, starts, sequences.Select(s => _contexts[s]).ToArray(), sequences.Select(s => _tables[s]).ToArray());
            using ITensorScope scope = _suite.Backend.OpenScope();
            DeviceTensor tensor = _suite.Backend.Upload(q, starts[^1], width);
            return _suite.Download(_suite.Backend.Kernels.PagedAttention(tensor, _cache, Layer, batch, Scale));
        }

        private float[] Expected(int sequence, int numQueries)
        {
            int width = _heads * _headDim;
            int kvWidth = _kvHeads * _headDim;
            var result = new List<float>();
            for (int t = _contexts[sequence] - numQueries; t < _contexts[sequence]; t++)
            {
                for (int head = 0; head < _heads; head++)
                {
                    int offset = head / (_heads / _kvHeads) * _headDim;
                    result.AddRange(ScalarKernels.Attend(
                        _queries[sequence].AsSpan(t * width + head * _headDim, _headDim),
                        (key, i) => _keys[sequence][key * kvWidth + offset + i],
                        (key, i) => _values[sequence][key * kvWidth + offset + i],
                        t + 1,
                        Scale).Select(value => (float)value));
                }
            }

            return result.ToArray();
        }

        private void Write(float[] keys, float[] values, int[] slots)
        {
            using ITensorScope scope = _suite.Backend.OpenScope();
            int width = _kvHeads * _headDim;
            _suite.Backend.Kernels.WriteKv(
                _cache, Layer, _suite.Backend.Upload(keys, slots.Length, width), _suite.Backend.Upload(values, slots.Length, width), slots);
        }

        private int Slot(int sequence, int token) => _tables[sequence][token / 16] * 16 + token % 16;
    }
}
