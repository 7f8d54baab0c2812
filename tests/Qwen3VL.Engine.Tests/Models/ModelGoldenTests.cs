using Qwen3VL.Engine.Backends;
using Qwen3VL.Engine.Cpu;
using Qwen3VL.Engine.Models;
using Qwen3VL.Engine.Processing;
using Shouldly;
using Xunit;

namespace Qwen3VL.Engine.Tests.Models;

public sealed class ModelGoldenTests
{
    // The reference ran in 32-bit floats too; the two sum in different orders.
    private const double Absolute = 1e-4;

    public static TheoryData<string, string> Cases
    {
        get
        {
            var cases = new TheoryData<string, string>();
            foreach (string model in new[] { "dense-tied", "dense-untied-wide", "dense-yarn", "moe", "moe-fp8" })
            {
                foreach (string name in new[] { "text", "image", "images", "video", "mixed" })
                {
                    cases.Add(model, name);
                }
            }

            cases.Add("dense-yarn", "long");

            // 8-bit weights with scales over blocks that the shapes do not fill: one case without and one with pictures and a clip.
            cases.Add("dense-fp8", "text");
            cases.Add("dense-fp8", "mixed");
            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Encode_Goldens_EqualReferenceEmbedsAndDeepStack(string model, string name)
    {
        using var run = new GoldenRun(model, name);
        using var driver = new ModelDriver(run.Model, run.Case);
        CompareEncoder(run, driver.Images, "image");
        CompareEncoder(run, driver.Videos, "video");
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Forward_WholePrompt_EqualsReferenceLayersAndLogits(string model, string name)
    {
        using var run = new GoldenRun(model, name);
        using var driver = new ModelDriver(run.Model, run.Case);
        var layers = new LayerRecorder(run.Backend);
        run.Model.Observer = layers;
        float[] logits = driver.Prefill(run.Case.InputIds.Length);

        for (int layer = 0; layer < run.Model.Config.Text.NumLayers; layer++)
        {
            Closeness.ShouldBeClose(layers.LastRows[layer], run.Case.Floats($"layer_{layer}_last"), Absolute, $"layer {layer}");
        }

        int vocabulary = run.Model.Config.Text.VocabularySize;
        Closeness.ShouldBeClose(logits.AsSpan(logits.Length - vocabulary), run.Case.Floats("logits_last"), Absolute, "logits");
        CompareTop3(run, logits);
        ComparePromptLogProbabilities(run, logits);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Forward_GreedyDecoding_EqualsReferenceTokens(string model, string name)
    {
        using var run = new GoldenRun(model, name);
        using var driver = new ModelDriver(run.Model, run.Case);
        int vocabulary = run.Model.Config.Text.VocabularySize;
        float[] logits = driver.Prefill(run.Case.InputIds.Length);
        float[] expected = run.Case.Floats("greedy_logprobs");
        var tokens = new List<int>();
        var logProbabilities = new List<float>();
        while (tokens.Count < run.Case.Greedy.Length)
        {
            double[] row = LogProbabilities.Of(logits.AsSpan(logits.Length - vocabulary));
            int best = Array.IndexOf(row, row.Max());
            tokens.Add(best);
            logProbabilities.Add((float)row[best]);
            logits = driver.Decode(best);
        }

        tokens.ShouldBe(run.Case.Greedy);
        Closeness.ShouldBeClose(logProbabilities.ToArray(), expected, Absolute, "greedy log probabilities");
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Forward_ChunksOfAnySizes_EqualOnePrefillExactly(string model, string name)
    {
        using var run = new GoldenRun(model, name);
        float[] whole;
        using (var driver = new ModelDriver(run.Model, run.Case))
        {
            whole = driver.Prefill(run.Case.InputIds.Length);
        }

        // Token by token, edges inside images, and a chunk longer than a block.
        foreach (int chunk in new[] { 1, 2, 7, 13, 19 })
        {
            using var driver = new ModelDriver(run.Model, run.Case);
            var pieces = new List<float>();
            for (int first = 0; first < run.Case.InputIds.Length; first += chunk)
            {
                pieces.AddRange(driver.Prefill(Math.Min(chunk, run.Case.InputIds.Length - first)));
            }

            pieces.ToArray().AsSpan().SequenceEqual(whole).ShouldBeTrue($"chunks of {chunk}");
        }
    }

    [Fact]
    public void Forward_AfterWarmUp_LeavesOnlyWeightsCacheAndEncoderOutputs()
    {
        using var run = new GoldenRun("dense-tied", "mixed");
        using var driver = new ModelDriver(run.Model, run.Case);
        BackendStatistics before = run.Backend.Statistics;
        driver.Prefill(run.Case.InputIds.Length);
        run.Backend.Statistics.ShouldBe(before);
        before.LiveTensors.ShouldBe(4 * (1 + run.Model.Config.Vision.DeepStackIndexes.Count));
    }

    [Fact]
    public void Dispose_OfEverything_LeavesNothingOnTheBackend()
    {
        using var run = new GoldenRun("dense-untied-wide", "image");
        using (var driver = new ModelDriver(run.Model, run.Case))
        {
            driver.Prefill(3);
        }

        run.Model.Dispose();
        run.Backend.Statistics.ShouldBe(default);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Positions_Goldens_EqualReferenceExactly(string model, string name)
    {
        GoldenCase golden = GoldenCase.Read(model, name);
        (IReadOnlyList<MediaSpan> spans, IReadOnlyList<ProcessedMedia> media) = golden.Spans();
        int[] positions = MropePositions.Compute(golden.InputIds.Length, spans, media, out int delta);
        positions.ShouldBe(golden.Integers("position_ids"));
        delta.ShouldBe(golden.RopeDelta);
    }

    private static void CompareEncoder(GoldenRun run, IReadOnlyList<EncoderOutput> outputs, string kind)
    {
        run.Case.Has($"{kind}_embeds").ShouldBe(outputs.Count > 0);
        if (outputs.Count == 0)
        {
            return;
        }

        Closeness.ShouldBeClose(Concatenate(run, outputs.Select(output => output.Main)), run.Case.Floats($"{kind}_embeds"), Absolute, kind);
        for (int tap = 0; tap < outputs[0].DeepStack.Count; tap++)
        {
            Closeness.ShouldBeClose(Concatenate(run, outputs.Select(output => output.DeepStack[tap])), run.Case.Floats($"{kind}_deepstack_{tap}"),
                Absolute, $"{kind} tap {tap}");
        }
    }

    private static float[] Concatenate(GoldenRun run, IEnumerable<DeviceTensor> tensors) => tensors.SelectMany(tensor =>
    {
        var values = new float[tensor.Length];
        run.Backend.Download(tensor, values);
        return values;
    }).ToArray();

    private static void CompareTop3(GoldenRun run, float[] logits)
    {
        int vocabulary = run.Model.Config.Text.VocabularySize;
        int[] ids = run.Case.Integers("top3_ids");
        float[] expected = run.Case.Floats("top3_logprobs");
        for (int position = 0; position < run.Case.InputIds.Length; position++)
        {
            double[] row = LogProbabilities.Of(logits.AsSpan(position * vocabulary, vocabulary));
            int[] best = Enumerable.Range(0, vocabulary).OrderByDescending(id => row[id]).Take(3).ToArray();
            best.ShouldBe(ids.AsSpan(3 * position, 3).ToArray(), $"position {position}");
            Closeness.ShouldBeClose(best.Select(id => (float)row[id]).ToArray(), expected.AsSpan(3 * position, 3), Absolute, $"position {position}");
        }
    }

    private static void ComparePromptLogProbabilities(GoldenRun run, float[] logits)
    {
        int vocabulary = run.Model.Config.Text.VocabularySize;
        float[] actual = Enumerable.Range(1, run.Case.InputIds.Length - 1)
            .Select(position => (float)LogProbabilities.Of(logits.AsSpan((position - 1) * vocabulary, vocabulary))[run.Case.InputIds[position]]).ToArray();
        Closeness.ShouldBeClose(actual, run.Case.Floats("prompt_logprobs"), Absolute, "prompt log probabilities");
    }

    private sealed class LayerRecorder(IBackend backend) : IForwardObserver
    {
        internal List<float[]> LastRows { get; } = [];

        public void OnDecoderLayer(int layer, DeviceTensor hidden)
        {
            var values = new float[hidden.Length];
            backend.Download(hidden, values);
            LastRows.Add(values[^hidden.Columns..]);
        }
    }

    private sealed class GoldenRun : IDisposable
    {
        internal GoldenRun(string model, string name)
        {
            Case = GoldenCase.Read(model, name);
            Backend = new CpuBackend(new CpuBackendOptions { Threads = 2 });
            Model = Qwen3VLModel.Load(Case.Folder, Case.Config, Backend, CancellationToken.None);
        }

        internal GoldenCase Case { get; }

        internal CpuBackend Backend { get; }

        internal Qwen3VLModel Model { get; }

        public void Dispose()
        {
            Model.Dispose();
            Backend.Dispose();
        }
    }
}
