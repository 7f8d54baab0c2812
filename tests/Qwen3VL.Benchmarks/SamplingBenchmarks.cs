using System.Text;
using Qwen3VL.Engine;
using Qwen3VL.Engine.Constraints;
using Qwen3VL.Engine.Sampling;
using Qwen3VL.Engine.Tokenization;
using Qwen3VL.TestKit;

namespace Qwen3VL.Benchmarks;

/// <summary>Choosing one token of the released vocabulary: samplers, log-probabilities, masks of a constraint.</summary>
internal static class SamplingBenchmarks
{
    private const int NumLogits = 151_936;
    private const string Spotting = """
        {"type":"array","items":{"type":"object","properties":{"bbox_2d":{"type":"array","items":{"type":"integer","minimum":0,"maximum":1000},
         "minItems":4,"maxItems":4},"text_content":{"type":"string","maxLength":100000}},"required":["bbox_2d","text_content"]}}
        """;

    /// <summary>Prints tokens per second of each.</summary>
    internal static void Run()
    {
        var random = new Random(1);
        float[] logits = [.. Enumerable.Range(0, NumLogits).Select(_ => (float)(4 * Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(Math.Tau * random.NextDouble())))];
        var row = new float[NumLogits];
        var sampler = new Sampler(NumLogits, NumLogits);
        Sample("greedy", SamplingParameters.Greedy);
        Sample("top-k 20, top-p 0.8", new SamplingParameters { Temperature = 0.7, TopK = 20, TopP = 0.8 });
        Sample("top-p 0.9", new SamplingParameters { Temperature = 1, TopP = 0.9 });
        Report.Line("log-probability, 20 alternatives", Measurement.Take(() => LogSoftmax.Score(logits, 5, 20)), 1, "token");

        string? file = ReferenceFiles.Find(Path.Combine("tokenizer", "tokenizer.json"));
        ITokenizer tokenizer = file is null ? new SyntheticTokenizer(NumLogits - 267) : BpeTokenizer.Load(Path.GetDirectoryName(file) ?? file);
        Console.WriteLine($"masks over {tokenizer.VocabularySize} tokens of {(file is null ? "a made-up tokenizer" : "the released tokenizer")}");
        Masks(tokenizer, logits, row);

        void Sample(string what, SamplingParameters sampling) => Report.Line(
            $"sample, {what}",
            Measurement.Take(() =>
            {
                logits.CopyTo(row, 0);
                sampler.Sample(row, sampling, [1], 1);
            }),
            1,
            "token");
    }

    private static void Masks(ITokenizer tokenizer, float[] logits, float[] row)
    {
        int[] ends = [tokenizer.VocabularySize - 1];
        TokenTrie trie = new(tokenizer);
        Report.Line("tree of tokens, once for a tokenizer", Measurement.Take(() => trie = new TokenTrie(tokenizer)), 1, "tree");
        Report.Line("schema, compiled", Measurement.Take(() => SchemaCompiler.Compile(Spotting, false)), 1, "schema");
        Grammar spotting = SchemaCompiler.Compile(Spotting, false);
        Grammar any = SchemaCompiler.Compile("{}", false);
        Report.Line("mask, cold, start of a list", Measurement.Take(() => Start(spotting)), 1, "mask");
        Report.Line("mask, cold, start of any value", Measurement.Take(() => Start(any)), 1, "mask");

        // Every character of a counted string is a state of its own: always cold.
        var automaton = new ConstraintAutomaton(spotting, trie, ends);
        ParserState state = automaton.Next(automaton.Start, Encoding.UTF8.GetBytes("[{\"bbox_2d\": [1, 2, 3, 4], \"text_content\": \"a"));
        Report.Line("mask, cold, inside a counted string", Measurement.Take(() => automaton.MaskOf(state = automaton.Next(state, "a"u8))), 1, "mask");
        Report.Line("mask, warm, found and laid over logits", Measurement.Take(() =>
        {
            logits.CopyTo(row, 0);
            automaton.MaskOf(state).Apply(row.AsSpan(0, trie.NumTokens));
        }), 1, "mask");

        TokenMask Start(Grammar grammar)
        {
            var fresh = new ConstraintAutomaton(grammar, trie, ends);
            return fresh.MaskOf(fresh.Start);
        }
    }
}
