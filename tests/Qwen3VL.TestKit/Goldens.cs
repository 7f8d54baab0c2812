using System.Text.Json;

namespace Qwen3VL.TestKit;

/// <summary>Reads reference outputs below <c>tests/goldens</c>; the README there describes each file.</summary>
public static class Goldens
{
    private static readonly JsonSerializerOptions SnakeCase = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    /// <summary>Absolute path of a golden, given by its path segments.</summary>
    public static string Path(params ReadOnlySpan<string> segments) =>
        System.IO.Path.Combine([RepositoryPaths.Goldens, .. segments]);

    /// <summary>Reads a JSON golden whose keys are snake_case.</summary>
    public static T Read<T>(params ReadOnlySpan<string> segments) =>
        JsonSerializer.Deserialize<T>(File.ReadAllBytes(Path(segments)), SnakeCase)
        ?? throw new InvalidDataException($"{string.Join('/', segments!)} must hold a JSON value; got null");
}
