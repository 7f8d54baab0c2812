using System.Globalization;
using System.Text;
using System.Text.Json;
using Qwen3VL.Batch.Contracts;
using Qwen3VL.Batch.Storage;

namespace Qwen3VL.Batch.Messaging;

/// <summary>Headers of a foreign message as a small JSON object of texts. Whatever the sender put there, the result can be stored and shown.</summary>
internal static class StoredHeaders
{
    private const int MaxHeaders = 32;
    private const int MaxNameLength = 100;
    private const int MaxValueLength = 500;

    /// <summary>The object: the first 32 headers with names and values cut; tables and lists are left out.</summary>
    /// <param name="headers">As the client library gives them: texts are byte arrays.</param>
    /// <param name="more">Added, and in the way of nothing: they win.</param>
    public static string ToJson(IDictionary<string, object?>? headers, IReadOnlyDictionary<string, string> more)
    {
        SortedDictionary<string, string> kept = new(StringComparer.Ordinal);
        foreach ((string name, object? value) in headers ?? new Dictionary<string, object?>())
        {
            if (kept.Count < MaxHeaders && Text(value) is { } text)
            {
                kept[StoredText.Clean(name, MaxNameLength)] = StoredText.Clean(text, MaxValueLength);
            }
        }

        foreach ((string name, string value) in more)
        {
            kept[name] = StoredText.Clean(value, MaxValueLength);
        }

        return JsonSerializer.Serialize(kept, ContractJson.Options);
    }

    /// <summary>One header as text; null when there is none, or it is a table or a list.</summary>
    public static string? Find(IDictionary<string, object?>? headers, string name) =>
        headers is not null && headers.TryGetValue(name, out object? value) ? Text(value) : null;

    /// <summary>A value as text; bytes that are no UTF-8 become U+FFFD.</summary>
    public static string? Text(object? value) => value switch
    {
        byte[] bytes => Encoding.UTF8.GetString(bytes),
        string text => text,
        bool or byte or sbyte or short or ushort or int or uint or long or ulong or float or double or decimal => Convert.ToString(value, CultureInfo.InvariantCulture),
        _ => null,
    };
}
