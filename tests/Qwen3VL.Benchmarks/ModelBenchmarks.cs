using Qwen3VL.Engine.Backends;
using Qwen3VL.Engine.Checkpoints;
using Qwen3VL.Engine.Cpu;
using Qwen3VL.Engine.Execution;
using Qwen3VL.Engine.Models;
using Qwen3VL.Engine.Processing;
using Qwen3VL.TestKit;

namespace Qwen3VL.Benchmarks;

/// <summary>The bundled model: encoding a page, reading its prompt, and decoding one and eight sequences.</summary>
internal static class ModelBenchmarks
{
    private const int PromptTokens = 192;
    private const int BlocksPerSequence = 24;

    /// <summary>Prints tokens per second.</summary>
    internal static void Run(CpuBackend backend)
    {
        string folder = Path.Combine(RepositoryPaths.Root, "engine", "models", "qwen3vl-tiny");
        using Qwen3VLModel model = Qwen3VLModel.Load(folder, ModelConfig.Load(folder), backend, CancellationToken.None);
        using KvCache cache = model.CreateKvCache(1 + 8 * BlocksPerSequence);
        var grid = new GridThw(1, 32, 20);
        var page = new ProcessedMedia(grid, new byte[grid.NumPatches * 1536], ReadOnlyMemory<byte>.Empty, []);
        Report.Line($"encode a page of {grid.NumRows} vision tokens", Measurement.Take(() => model.Encode(page).Dispose()), 1, "page");

        ForwardBatch prefill = Batch(1, PromptTokens, PromptTokens);
        var logits = new float[8 * model.Config.Text.VocabularySize];
        Timing timing = Measurement.Take(() => model.Forward(prefill, cache, logits.AsSpan(0, model.Config.Text.VocabularySize)));
        Report.Line($"prefill {PromptTokens} tokens", timing, PromptTokens, "token");
        foreach (int sequences in new[] { 1, 8 })
        {
            ForwardBatch decode = Batch(sequences, 1, 300);
            timing = Measurement.Take(() =>
                model.Forward(decode, cache, logits.AsSpan(0, sequences * model.Config.Text.VocabularySize)));
            Report.Line($"decode, {sequences} sequences of 300 tokens", timing, sequences, "token");
        }
    }

    private static ForwardBatch Batch(int sequences, int queries, int context)
    {
        int[][] tables = Enumerable.Range(0, sequences)
            .Select(s => Enumerable.Range(1 + s * BlocksPerSequence, BlocksPerSequence).ToArray()).ToArray();
        int tokens = sequences * queries;
        return new ForwardBatch
        {
            NumTokens = tokens,
            TokenIds = Enumerable.Repeat(5, tokens).ToArray(),
            Positions = Enumerable.Repeat(context, 3 * tokens).ToArray(),
            Slots = Enumerable.Range(0, tokens)
                .Select(i => tables[i / queries][0] * KvCacheShape.BlockTokens + context - queries + i % queries).ToArray(),
            Attention = new AttentionBatch(
                sequences,
                Enumerable.Range(0, sequences + 1).Select(s => s * queries).ToArray(),
                Enumerable.Repeat(context, sequences).ToArray(),
                tables),
            Vision = [],
            LogitRows = Enumerable.Range(0, sequences).Select(s => (s + 1) * queries - 1).ToArray(),
        };
    }
}
