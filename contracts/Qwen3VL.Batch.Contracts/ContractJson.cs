using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Qwen3VL.Batch.Contracts;

/// <summary>How contracts are written as JSON, on the wire and in the outbox: camelCase names, enums as words, nulls left out.</summary>
public static class ContractJson
{
    /// <summary>The options; read-only, shared.</summary>
    public static JsonSerializerOptions Options { get; } = Create();

    private static JsonSerializerOptions Create()
    {
        var options = new JsonSerializerOptions(JsonSerializerDefaults.Web)
        {
            DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
            // Numbers as strings are a client's mistake, not a second form.
            NumberHandling = JsonNumberHandling.Strict,
            // Bodies are read by programs, never placed in HTML: names outside ASCII stay readable.
            Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
            // Required values stay required, so that a body without them is refused instead of read as nulls.
            RespectNullableAnnotations = true,
        };
        options.Converters.Add(new JsonStringEnumConverter(JsonNamingPolicy.CamelCase, allowIntegerValues: false));
        options.MakeReadOnly(populateMissingResolver: true);
        return options;
    }
}
