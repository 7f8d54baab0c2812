using System.Text.Json;

namespace Qwen3VL.Batch.Storage;

/// <summary>Enums in the database: the same camelCase words as in the contracts' JSON, so that a row reads like a message.</summary>
internal static class StoredWord
{
    /// <summary>The word of a value.</summary>
    public static string Of<T>(T value)
        where T : struct, Enum => JsonNamingPolicy.CamelCase.ConvertName(value.ToString());

    /// <summary>The value of a word.</summary>
    /// <exception cref="InvalidOperationException">No value has this word: the row is of a newer program.</exception>
    public static T Parse<T>(string word)
        where T : struct, Enum =>
        Enum.TryParse(word, ignoreCase: true, out T value) && Enum.IsDefined(value)
            ? value
            : throw new InvalidOperationException($"stored {typeof(T).Name} must be a known word; got {word}");
}
