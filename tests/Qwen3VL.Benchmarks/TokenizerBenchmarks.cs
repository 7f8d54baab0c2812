using System.Text;
using Qwen3VL.Engine.Tokenization;
using Qwen3VL.TestKit;

namespace Qwen3VL.Benchmarks;

/// <summary>Loading, encoding and decoding of one thread, on the released vocabulary where it is at hand, else on the bundled one.</summary>
internal static class TokenizerBenchmarks
{
    private const int MixedBytes = 10_000_000;
    private const int DocumentCharacters = 2_000;

    /// <summary>Prints the rows; with a folder, also writes the texts there for the script beside this file that measures the reference.</summary>
    internal static void Run(string? textFolder)
    {
        string released = ReferenceFiles.Find("tokenizer/tokenizer.json") ?? "";
        string folder = released.Length > 0 ? Path.GetDirectoryName(released) ?? "" : Path.Combine(RepositoryPaths.Root, "engine", "models", "qwen3vl-tiny");
        Console.WriteLine(released.Length > 0 ? "released vocabulary" : "bundled vocabulary");
        MeasureLoading(folder);
        BpeTokenizer tokenizer = BpeTokenizer.Load(folder);
        string mixed = MixedText.Create(MixedBytes);
        Write(textFolder, "mixed", mixed);
        double megabytes = Encoding.UTF8.GetByteCount(mixed) / 1e6;
        string[] documents = [.. mixed.Chunk(DocumentCharacters).Select(characters => new string(characters))];
        Report.Line("mixed text, one string", Measurement.Take(() => tokenizer.Encode(mixed, allowSpecial: true)), megabytes, "MB");
        Report.Line($"mixed text, {documents.Length} strings", Measurement.Take(() => Encode(tokenizer, documents)), megabytes, "MB");
        int[] tokens = tokenizer.Encode(mixed, allowSpecial: true);
        Report.Line($"decode {tokens.Length} tokens", Measurement.Take(() => tokenizer.Decode(tokens, skipSpecial: true)), megabytes, "MB");
        Report.Line("decode them one by one", Measurement.Take(() => DecodeOneByOne(tokenizer, tokens)), megabytes, "MB");
        foreach ((string name, string text) in MixedText.Adversarial())
        {
            Write(textFolder, name, text);
            double size = Encoding.UTF8.GetByteCount(text) / 1e6;
            Report.Line($"a megabyte {name}", Measurement.Take(() => tokenizer.Encode(text, allowSpecial: false)), size, "MB");
        }

        string markup = string.Concat(Enumerable.Repeat("<|im_start|>", 87_000));
        Report.Line("a megabyte of <|im_start|> as markup", Measurement.Take(() => tokenizer.Encode(markup, allowSpecial: true)), markup.Length / 1e6, "MB");
    }

    private static void MeasureLoading(string folder)
    {
        Report.Line("load", Measurement.Take(() => BpeTokenizer.Load(folder)), 1, "tokenizer");
        long before = GC.GetTotalMemory(forceFullCollection: true);
        BpeTokenizer tokenizer = BpeTokenizer.Load(folder);
        long after = GC.GetTotalMemory(forceFullCollection: true);
        Console.WriteLine($"size {(after - before) / 1e6:F1} MB");
        GC.KeepAlive(tokenizer);
    }

    private static void Encode(BpeTokenizer tokenizer, string[] documents)
    {
        foreach (string document in documents)
        {
            tokenizer.Encode(document, allowSpecial: true);
        }
    }

    private static void DecodeOneByOne(BpeTokenizer tokenizer, int[] tokens)
    {
        var detokenizer = new IncrementalDetokenizer(tokenizer);
        foreach (int token in tokens)
        {
            detokenizer.Append(token);
        }
    }

    private static void Write(string? folder, string name, string text)
    {
        if (folder is not null)
        {
            Directory.CreateDirectory(folder);
            string fileName = string.Concat(name.Select(character => char.IsAsciiLetterOrDigit(character) ? character : '_'));
            File.WriteAllText(Path.Combine(folder, fileName + ".txt"), text, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
        }
    }
}
