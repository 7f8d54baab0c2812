using System.Text;
using Qwen3VL.Engine.Tests.Tokenization;
using Qwen3VL.Engine.Tokenization;
using Qwen3VL.TestKit;
using Qwen3VL.TestKit.Fuzzing;
using Shouldly;
using Xunit;

namespace Qwen3VL.Engine.Tests.Fuzzing;

/// <summary>Any text goes in and comes out in form C; any file is a tokenizer or is refused.</summary>
[Trait(FuzzRun.Category, FuzzRun.Fuzz)]
public sealed class TokenizerFuzzTests
{
    [Fact]
    public void Decode_OfEncode_IsTheTextInFormC() => CheckRoundTrip(BpeTokenizer.Load(RepositoryPaths.TinyModel));

    [ReferenceFact("tokenizer/tokenizer.json")]
    public void Decode_OfEncodeByTheReleasedTokenizer_IsTheTextInFormC() =>
        CheckRoundTrip(BpeTokenizer.Load(Path.GetDirectoryName(ReferenceFiles.Find("tokenizer/tokenizer.json")) ?? ""));

    [Fact]
    public void Decode_AnyIds_IsTextPieceByPieceAsAtOnce()
    {
        BpeTokenizer tokenizer = BpeTokenizer.Load(RepositoryPaths.TinyModel);
        FuzzRun.Repeat(random =>
        {
            int[] ids = [.. Enumerable.Range(0, random.Next(40)).Select(_ => random.Next(tokenizer.VocabularySize))];
            var incremental = new IncrementalDetokenizer(tokenizer);
            string pieces = string.Concat(ids.Select(id => incremental.Append(id))) + incremental.Flush();
            pieces.ShouldBe(tokenizer.Decode(ids, skipSpecial: true));
        });
    }

    [Fact]
    public void Load_MutatedFile_LoadsOrRefuses()
    {
        string folder = Directory.CreateTempSubdirectory("qwen3vl-fuzz-").FullName;
        try
        {
            byte[] valid = File.ReadAllBytes(Path.Combine(RepositoryPaths.TinyModel, "tokenizer.json"));
            FuzzRun.Repeat(random =>
            {
                File.WriteAllBytes(Path.Combine(folder, "tokenizer.json"), Mutations.Json(random, valid));
                LoadAndUse(folder, new RandomText(random.Next()).Next(20));
            });
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void CheckRoundTrip(BpeTokenizer tokenizer) => FuzzRun.Repeat(random =>
    {
        string text = random.Next(2) == 0 ? new RandomText(random.Next()).Next(40) : AnyUnits(random);
        string expected = NfcNormalizer.Normalize(text, NormalizationTables.Unicode9).ToString();
        int[] ids = tokenizer.Encode(text, allowSpecial: false);
        ids.ShouldAllBe(id => id >= 0 && id < tokenizer.VocabularySize);
        tokenizer.Decode(ids, skipSpecial: false).ShouldBe(expected);

        // Text that looks special is never special when it comes from users, so nothing is dropped either.
        tokenizer.Decode(ids, skipSpecial: true).ShouldBe(expected);
    });

    private static void LoadAndUse(string folder, string text)
    {
        BpeTokenizer tokenizer;
        try
        {
            tokenizer = BpeTokenizer.Load(folder);
        }
        catch (CheckpointException)
        {
            return;
        }

        int[] ids = tokenizer.Encode(text, allowSpecial: true);
        ids.ShouldAllBe(id => id >= 0 && id < tokenizer.VocabularySize);
        _ = tokenizer.Decode(ids, skipSpecial: true);
    }

    /// <summary>UTF-16 code units of any value: surrogates without their halves, controls, special tokens cut in two.</summary>
    private static string AnyUnits(Random random)
    {
        var text = new StringBuilder();
        for (int count = random.Next(60); count > 0; count--)
        {
            switch (random.Next(5))
            {
                case 0: text.Append((char)random.Next(0xD800, 0xE000)); break;
                case 1: text.Append((char)random.Next(0x20)); break;
                case 2: text.Append("<|im_end|>"[..random.Next(11)]); break;
                case 3: text.Append((char)random.Next(0x300, 0x370)); break;
                default: text.Append((char)random.Next(0x10000)); break;
            }
        }

        return text.ToString();
    }
}
