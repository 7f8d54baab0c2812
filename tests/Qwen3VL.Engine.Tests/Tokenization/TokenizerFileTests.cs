using System.Text;
using System.Text.Json.Nodes;
using Qwen3VL.Engine.Tokenization;
using Qwen3VL.TestKit;
using Shouldly;
using Xunit;

namespace Qwen3VL.Engine.Tests.Tokenization;

public sealed class TokenizerFileTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("qwen3vl-tokenizer-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void Read_MergesAsStrings_EqualsMergesAsPairs()
    {
        JsonNode root = ReadBundled();
        root["model"]!["merges"] = new JsonArray(
            [.. root["model"]!["merges"]!.AsArray().Select(pair => (JsonNode)$"{pair![0]} {pair[1]}")]);
        Write(root);

        TokenizerFile.Read(_folder.FullName).Merges.ShouldBe(TokenizerFile.Read(RepositoryPaths.TinyModel).Merges);
    }

    [Fact]
    public void Read_WithoutNormalizer_LeavesTextAsItIs()
    {
        JsonNode root = ReadBundled();
        root["normalizer"] = null;
        Write(root);
        BpeTokenizer tokenizer = BpeTokenizer.Load(_folder.FullName);

        tokenizer.Decode(tokenizer.Encode("e\u0301", allowSpecial: true), skipSpecial: false).ShouldBe("e\u0301");
    }

    [Theory]
    [InlineData("normalizer/type", "\"NFKC\"", "normalizer.type must be NFC; got NFKC")]
    [InlineData("model/type", "\"WordPiece\"", "model.type must be BPE; got WordPiece")]
    [InlineData("model/byte_fallback", "true", "model.byte_fallback must be false; got true")]
    [InlineData("model/unk_token", "\"<unk>\"", "model.unk_token must be unset; got <unk>")]
    [InlineData("model/dropout", "0.1", "model.dropout must be unset; got 0.1")]
    [InlineData("pre_tokenizer/pretokenizers/0/pattern/Regex", "\"\\\\s+\"", "Split pattern must be")]
    [InlineData("pre_tokenizer/pretokenizers/1/add_prefix_space", "true", "add_prefix_space must be false; got true")]
    [InlineData("pre_tokenizer", "{\"type\":\"ByteLevel\"}", "pre_tokenizer must be a sequence of Split, ByteLevel; got ()")]
    [InlineData("added_tokens/0/normalized", "true", "added_tokens normalized must be false; got true for id 486")]
    [InlineData("added_tokens/0/content", "\"\"", "content must be not empty")]
    [InlineData("added_tokens/0/content", "\"<|im_end|>\"", "added_tokens content must occur once; got id")]
    [InlineData("added_tokens/0/id", "-1", "ids must be in 0..")]
    [InlineData("model/merges/3", "[\"a\"]", "model.merges must hold pairs; got an entry of 1 parts")]
    [InlineData("model/merges/3", "[\"a\",\"\\u4e00\"]", "model.merges must name entries of model.vocab; got another at rank 3")]
    [InlineData("model/vocab", "{\"a\":0}", "model.vocab must hold every byte")]
    [InlineData("model/vocab", "[]", "must have the keys and types")]
    [InlineData("added_tokens", "null", "must have the keys and types")]
    public void Load_AnotherKindOfTokenizer_IsRefusedByName(string path, string value, string message)
    {
        JsonNode root = ReadBundled();
        Replace(root, path.Split('/'), JsonNode.Parse(value));
        Write(root);

        Should.Throw<CheckpointException>(() => BpeTokenizer.Load(_folder.FullName)).Message.ShouldContain(message);
    }

    [Fact]
    public void Load_FileMissingOrNoJson_IsRefusedByName()
    {
        Should.Throw<CheckpointException>(() => BpeTokenizer.Load(_folder.FullName)).Message.ShouldContain("tokenizer.json must exist");
        File.WriteAllText(Path.Combine(_folder.FullName, "tokenizer.json"), "{\"model\": ");
        Should.Throw<CheckpointException>(() => BpeTokenizer.Load(_folder.FullName)).Message.ShouldContain("tokenizer.json must be JSON");
    }

    // The bundled file is known to have every key used here, so the null-forgiving operators cannot fail.
    private static JsonNode ReadBundled() => JsonNode.Parse(File.ReadAllBytes(Path.Combine(RepositoryPaths.TinyModel, "tokenizer.json")))!;

    private static void Replace(JsonNode node, string[] path, JsonNode? value)
    {
        foreach (string key in path[..^1])
        {
            node = int.TryParse(key, out int index) ? node[index]! : node[key]!;
        }

        if (node is JsonArray array)
        {
            array[int.Parse(path[^1], System.Globalization.CultureInfo.InvariantCulture)] = value;
        }
        else
        {
            node[path[^1]] = value;
        }
    }

    private void Write(JsonNode root) => File.WriteAllText(Path.Combine(_folder.FullName, "tokenizer.json"), root.ToJsonString(), Encoding.UTF8);
}
