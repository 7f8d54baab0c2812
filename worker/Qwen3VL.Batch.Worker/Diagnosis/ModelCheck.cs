using System.Globalization;
using System.Text.Json;
using Qwen3VL.Batch.Worker.Composition;

namespace Qwen3VL.Batch.Worker.Diagnosis;

/// <summary>Whether the model folder holds a Qwen3-VL checkpoint with all its files. Loading it is the worker's.</summary>
internal sealed class ModelCheck : ICheck
{
    private static readonly string[] NeededFiles = ["config.json", "generation_config.json", "preprocessor_config.json", "video_preprocessor_config.json"];

    /// <inheritdoc/>
    public Task<IReadOnlyList<CheckResult>> RunAsync(Settings settings, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<CheckResult>>([Check(settings.Engine.ModelFolder)]);

    private static CheckResult Check(string folder)
    {
        const string Advice = "give --model a folder of a Qwen3-VL checkpoint as published, or leave it out for the small model that ships with the program";
        string[] missing = [.. NeededFiles.Where(file => !File.Exists(Path.Combine(folder, file)))];
        if (missing.Length > 0)
        {
            return new CheckResult("model", CheckLevel.Fail, $"{folder} lacks {string.Join(", ", missing)}", Advice);
        }

        FileInfo[] weights = new DirectoryInfo(folder).GetFiles("*.safetensors");
        if (weights.Length == 0)
        {
            return new CheckResult("model", CheckLevel.Fail, $"{folder} has no *.safetensors", Advice);
        }

        string? type = ModelType(Path.Combine(folder, "config.json"));
        return type is not null && type.StartsWith("qwen3_vl", StringComparison.Ordinal)
            ? new CheckResult("model", CheckLevel.Ok, string.Create(
                CultureInfo.InvariantCulture,
                $"{type} in {folder}, {weights.Sum(file => file.Length) >> 20} MiB of weights"))
            : new CheckResult("model", CheckLevel.Fail, $"{folder} holds a model of type '{type ?? "unknown"}'", Advice);
    }

    private static string? ModelType(string path)
    {
        try
        {
            using JsonDocument config = JsonDocument.Parse(File.ReadAllBytes(path));
            return config.RootElement.TryGetProperty("model_type", out JsonElement type) ? type.GetString() : null;
        }
        catch (Exception exception) when (
            exception is JsonException or InvalidOperationException or IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
