using System.Text.Json;

namespace Qwen3VL.TestKit;

/// <summary>Reads reference outputs below <c>tests/goldens</c>; the README there describes each file.</summary>
public static class Goldens
{
    private static readonly JsonSerializerOptions SnakeCase = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        RespectRequiredConstructorParameters = true,
        RespectNullableAnnotations = true,
    };

    /// <summary>Absolute path of a golden, given by its path segments.</summary>
    public static string Path(params ReadOnlySpan<string> segments) =>
        System.IO.Path.Combine([RepositoryPaths.Goldens, .. segments]);

    /// <summary>Reads a JSON golden whose keys are snake_case.</summary>
    public static T Read<T>(params ReadOnlySpan<string> segments) => ReadFile<T>(Path(segments));

    /// <summary>Reads a JSON file whose keys are snake_case; a missing key is an error unless the parameter of <typeparamref name="T"/> has a default.</summary>
    public static T ReadFile<T>(string path) =>
        JsonSerializer.Deserialize<T>(File.ReadAllBytes(path), SnakeCase)
        ?? throw new InvalidDataException($"{System.IO.Path.GetFileName(path)} must hold a JSON value; got null");

    /// <summary>Reads one value of such a file.</summary>
    public static T ReadValue<T>(JsonElement value) =>
        value.Deserialize<T>(SnakeCase) ?? throw new InvalidDataException($"a golden must be a JSON value; got {value.ValueKind}");
}
