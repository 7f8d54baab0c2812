using System.Text.Json;
using Qwen3VL.Conformance.Checks;
using Qwen3VL.Engine.Checkpoints;
using Qwen3VL.TestKit.Cases;

namespace Qwen3VL.Conformance.Folders;

/// <summary>
/// <c>lora/NAME</c>: an adapter on a checkpoint of <c>../../models</c>, which its configuration names -> last logits and most probable id of
/// every position of that checkpoint's cases, as tensors <c>CASE.logits_last</c> and <c>CASE.top1</c>. One of the two is enough.
/// </summary>
internal sealed class LoraFolder(string name, GoldenContext context) : GoldenFolder(name, context)
{
    private const string ConfigFile = "adapter_config.json";
    private const string GoldenFile = "golden.safetensors";
    private const string LogitsSuffix = ".logits_last";
    private const string TopSuffix = ".top1";

    /// <inheritdoc/>
    public override bool IsKnown(string fileName) => fileName is ConfigFile or "adapter_model.safetensors" or GoldenFile;

    /// <inheritdoc/>
    public override void Run(CaseRunner cases)
    {
        using var models = new LoadedModels(Context);
        string[] tensors = TensorNames();
        foreach (string one in tensors.Select(CaseName).OfType<string>().Distinct())
        {
            cases.Section(one, () => cases.Case(one, check => Check(check, models, one)));
        }

        foreach (string tensor in tensors.Where(tensor => CaseName(tensor) is null))
        {
            cases.Case(tensor, check => check.Fail($"{tensor} was not compared: it must be CASE{LogitsSuffix} or CASE{TopSuffix}"));
        }
    }

    private string[] TensorNames()
    {
        using SafetensorsFile golden = SafetensorsFile.Open(File(GoldenFile));
        return [.. golden.Entries.Keys.Order(StringComparer.Ordinal)];
    }

    // A case may have points in its name.
    private static string? CaseName(string tensor) => tensor.EndsWith(LogitsSuffix, StringComparison.Ordinal) ? tensor[..^LogitsSuffix.Length]
        : tensor.EndsWith(TopSuffix, StringComparison.Ordinal) ? tensor[..^TopSuffix.Length]
        : null;

    private void Check(CaseCheck check, LoadedModels models, string one)
    {
        string checkpoint = Checkpoint();
        using GoldenCase golden = GoldenCase.ReadFolder(checkpoint, one);
        using SafetensorsFile expected = SafetensorsFile.Open(File(GoldenFile));
        using var driver = new ModelDriver(models.Get(checkpoint, adapterFolder: Path).Model, golden);
        float[] logits = driver.Prefill(golden.InputIds.Length);
        int vocabulary = golden.Config.Text.VocabularySize;
        if (expected.Entries.TryGetValue(one + LogitsSuffix, out SafetensorsEntry? last))
        {
            var lastLogits = new float[last.Length];
            expected.ReadFloats(last, 0, lastLogits);
            check.Close("logits_last", logits.AsSpan(logits.Length - vocabulary), lastLogits, Quantity.Logit);
        }

        if (expected.Entries.TryGetValue(one + TopSuffix, out SafetensorsEntry? top))
        {
            CheckTop(check, logits, vocabulary, expected.ReadBytes(top));
        }
    }

    private static void CheckTop(CaseCheck check, float[] logits, int vocabulary, byte[] topIds)
    {
        int numTokens = logits.Length / vocabulary;
        check.Equal("top1 positions", topIds.Length / sizeof(long), numTokens);
        for (int position = 0; position < numTokens && check.HasPassed; position++)
        {
            float[] row = logits[(position * vocabulary)..((position + 1) * vocabulary)];
            check.Equal($"top1[{position}]", Array.IndexOf(row, row.Max()), checked((int)BitConverter.ToInt64(topIds, position * sizeof(long))));
        }
    }

    // The name is a path on the machine that trained the adapter: what counts is the last part.
    private string Checkpoint()
    {
        using JsonDocument config = JsonDocument.Parse(System.IO.File.ReadAllBytes(File(ConfigFile)));
        string model = System.IO.Path.GetFileName(config.RootElement.GetProperty("base_model_name_or_path").GetString()?.TrimEnd('/') ?? "");
        return System.IO.Path.GetFullPath(System.IO.Path.Combine(Path, "..", "..", "models", model));
    }
}
