using System.Text.Json;
using System.Text.Json.Serialization;

namespace Qwen3VL.Batch.Contracts;

/// <summary>How contract records are written as JSON, on the broker and in the outbox.</summary>
public static class ContractJson
{
    /// <summary>
    /// camelCase names, enums as camelCase words, nulls left out. Reading ignores unknown fields, so that a newer sender can add some, and
    /// refuses a missing required field, a null where none may be, and an unknown enum word or number, each with a
    /// <see cref="JsonException"/> that names the field. Read-only; safe to share between threads.
    /// </summary>
    public static JsonSerializerOptions Options { get; } = Create();

    private static JsonSerializerOptions Create()
    {
        var options = new JsonSerializerOptions(JsonSerializerDefaults.General)
        {
            PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
            DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
            RespectNullableAnnotations = true,
            RespectRequiredConstructorParameters = true,
            Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase, allowIntegerValues: false) },
        };
        options.MakeReadOnly(populateMissingResolver: true);
        return options;
    }
}
