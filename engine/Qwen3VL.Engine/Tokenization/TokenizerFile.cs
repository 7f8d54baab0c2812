using System.Text.Json;

namespace Qwen3VL.Engine.Tokenization;

/// <summary>
/// The content of a Hugging Face <c>tokenizer.json</c>, checked to be the pipeline that this engine computes: NFC, the Qwen split expression,
/// byte-level BPE without options. Anything else is refused, never approximated.
/// </summary>
/// <param name="Vocabulary">Entry, in the byte alphabet, to id.</param>
/// <param name="Merges">Pairs of entries by rank.</param>
/// <param name="AddedTokens">Tokens matched as a whole.</param>
/// <param name="NormalizesToNfc">Whether text is brought to form C first.</param>
internal sealed record TokenizerFile(
    IReadOnlyDictionary<string, int> Vocabulary,
    IReadOnlyList<(string Left, string Right)> Merges,
    IReadOnlyList<AddedToken> AddedTokens,
    bool NormalizesToNfc)
{
    private const string FileName = "tokenizer.json";

    /// <summary>Reads <c>tokenizer.json</c> of <paramref name="folder"/>.</summary>
    /// <exception cref="CheckpointException">The file is missing, is not JSON, or asks for something else than stated above.</exception>
    public static TokenizerFile Read(string folder)
    {
        string path = Path.Combine(folder, FileName);
        if (!File.Exists(path))
        {
            throw new CheckpointException($"{FileName} must exist in the model folder; got none in {folder}");
        }

        try
        {
            using FileStream stream = File.OpenRead(path);
            using JsonDocument document = JsonDocument.Parse(stream);
            return Read(document.RootElement);
        }
        catch (JsonException exception)
        {
            throw new CheckpointException($"{FileName} must be JSON; got an error at line {exception.LineNumber}", exception);
        }
        catch (Exception exception) when (exception is KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new CheckpointException($"{FileName} must have the keys and types of a byte-level BPE tokenizer; got another shape", exception);
        }
    }

    private static TokenizerFile Read(JsonElement root)
    {
        JsonElement model = root.GetProperty("model");
        CheckModel(model);
        CheckPreTokenizer(root.GetProperty("pre_tokenizer"));
        return new TokenizerFile(
            ReadVocabulary(model.GetProperty("vocab")),
            [.. model.GetProperty("merges").EnumerateArray().Select(ReadMerge)],
            [.. root.GetProperty("added_tokens").EnumerateArray().Select(ReadAddedToken)],
            ReadNormalizer(root));
    }

    private static Dictionary<string, int> ReadVocabulary(JsonElement vocabulary)
    {
        var result = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (JsonProperty entry in vocabulary.EnumerateObject())
        {
            result[entry.Name] = entry.Value.GetInt32();
        }

        return result;
    }

    private static (string Left, string Right) ReadMerge(JsonElement merge)
    {
        // Files of before 2024 join the two with a space, later ones keep them apart.
        string[] parts = merge.ValueKind == JsonValueKind.Array
            ? [.. merge.EnumerateArray().Select(part => part.GetString() ?? "")]
            : merge.GetString()?.Split(' ') ?? [];
        return parts is [string left, string right]
            ? (left, right)
            : throw new CheckpointException($"{FileName} model.merges must hold pairs; got an entry of {parts.Length} parts");
    }

    private static AddedToken ReadAddedToken(JsonElement token)
    {
        string content = token.GetProperty("content").GetString() ?? "";
        Require(content.Length > 0, "added_tokens content", "not empty", "an empty one");
        foreach (string option in (string[])["single_word", "lstrip", "rstrip", "normalized"])
        {
            Require(!IsOn(token, option), $"added_tokens {option}", "false", $"true for id {token.GetProperty("id")}");
        }

        return new AddedToken(token.GetProperty("id").GetInt32(), content, IsOn(token, "special"));
    }

    private static bool ReadNormalizer(JsonElement root)
    {
        if (!root.TryGetProperty("normalizer", out JsonElement normalizer) || normalizer.ValueKind == JsonValueKind.Null)
        {
            return false;
        }

        string? type = normalizer.GetProperty("type").GetString();
        Require(type == "NFC", "normalizer.type", "NFC", type);
        return true;
    }

    private static void CheckModel(JsonElement model)
    {
        string? type = model.GetProperty("type").GetString();
        Require(type == "BPE", "model.type", "BPE", type);
        foreach (string option in (string[])["dropout", "unk_token", "continuing_subword_prefix", "end_of_word_suffix"])
        {
            bool isUnset = !model.TryGetProperty(option, out JsonElement value) || value.ValueKind == JsonValueKind.Null
                || (value.ValueKind == JsonValueKind.String && value.ValueEquals(""));
            Require(isUnset, $"model.{option}", "unset", value.ToString());
        }

        foreach (string option in (string[])["byte_fallback", "ignore_merges"])
        {
            Require(!IsOn(model, option), $"model.{option}", "false", "true");
        }
    }

    private static void CheckPreTokenizer(JsonElement preTokenizer)
    {
        JsonElement[] steps = preTokenizer.TryGetProperty("pretokenizers", out JsonElement sequence) ? [.. sequence.EnumerateArray()] : [];
        string types = string.Join(", ", steps.Select(step => step.GetProperty("type").GetString()));
        Require(types == "Split, ByteLevel", "pre_tokenizer", "a sequence of Split, ByteLevel", $"({types})");
        string? pattern = steps[0].GetProperty("pattern").GetProperty("Regex").GetString();
        Require(pattern == PreTokenizer.Pattern, "pre_tokenizer Split pattern", PreTokenizer.Pattern, pattern);
        string? behavior = steps[0].GetProperty("behavior").GetString();
        Require(behavior == "Isolated", "pre_tokenizer Split behavior", "Isolated", behavior);
        Require(!IsOn(steps[0], "invert"), "pre_tokenizer Split invert", "false", "true");
        Require(!IsOn(steps[1], "add_prefix_space"), "pre_tokenizer ByteLevel add_prefix_space", "false", "true");
        Require(!IsOn(steps[1], "use_regex"), "pre_tokenizer ByteLevel use_regex", "false", "true");
    }

    private static bool IsOn(JsonElement element, string name) =>
        element.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.True;

    private static void Require(bool holds, string thing, string rule, string? value)
    {
        if (!holds)
        {
            throw new CheckpointException($"{FileName} {thing} must be {rule}; got {value ?? "null"}");
        }
    }
}
