using System.Text.Json;
using Qwen3VL.Conformance.Checks;
using Qwen3VL.Engine.Checkpoints;
using Qwen3VL.TestKit.Cases;

namespace Qwen3VL.Conformance.Folders;

/// <summary>
/// <c>lora/NAME</c>: an adapter on a checkpoint of <c>../../models</c>, which its configuration names -> last logits and most probable id of
/// every position of that checkpoint's cases.
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
        foreach (string one in CaseNames())
        {
            cases.Case(one, check => Check(check, models, one));
        }
    }

    private string[] CaseNames()
    {
        using SafetensorsFile golden = SafetensorsFile.Open(File(GoldenFile));
        return [.. golden.Entries.Keys.Select(tensor => tensor.Split('.')[0]).Distinct().Order(StringComparer.Ordinal)];
    }

    private void Check(CaseCheck check, LoadedModels models, string one)
    {
        string checkpoint = Checkpoint();
        using GoldenCase golden = GoldenCase.ReadFolder(checkpoint, one);
        using SafetensorsFile expected = SafetensorsFile.Open(File(GoldenFile));
        using var driver = new ModelDriver(models.Get(checkpoint, adapterFolder: Path).Model, golden);
        float[] logits = driver.Prefill(golden.InputIds.Length);
        int vocabulary = golden.Config.Text.VocabularySize;
        SafetensorsEntry last = expected.Entries[one + LogitsSuffix];
        var lastLogits = new float[last.Length];
        expected.ReadFloats(last, 0, lastLogits);
        check.Close("logits_last", logits.AsSpan(logits.Length - vocabulary), lastLogits, Quantity.Logit);

        byte[] topIds = expected.ReadBytes(expected.Entries[one + TopSuffix]);
        check.Equal("top1 positions", topIds.Length / sizeof(long), golden.InputIds.Length);
        for (int position = 0; position < golden.InputIds.Length && check.HasPassed; position++)
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
