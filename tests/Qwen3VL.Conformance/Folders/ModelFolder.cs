using Qwen3VL.Conformance.Checks;
using Qwen3VL.Conformance.Models;
using Qwen3VL.Engine.Processing;
using Qwen3VL.TestKit.Cases;

namespace Qwen3VL.Conformance.Folders;

/// <summary>
/// <c>models/NAME</c>: one checkpoint and its cases. A case compares positions, encoder outputs, layers, logits, log-probabilities and greedy
/// tokens; greedy tokens by one prefill, by chunks, and through the serving core. Of these a case must have the last logits or greedy tokens;
/// the others are compared where they are there, and a tensor that nothing is compared with fails the case.
/// </summary>
internal sealed class ModelFolder(string name, GoldenContext context) : GoldenFolder(name, context)
{
    private const string Header = ".golden.json";
    private const string Tensors = ".golden.safetensors";

    /// <inheritdoc/>
    public override bool IsKnown(string fileName) => fileName.EndsWith(".json", StringComparison.Ordinal)
        || fileName.EndsWith(".safetensors", StringComparison.Ordinal);

    /// <inheritdoc/>
    public override void Run(CaseRunner cases)
    {
        using var models = new LoadedModels(Context);
        foreach (string one in CaseNames(Path))
        {
            cases.Section($"{one}{Header}", () => cases.Case(one, check => Check(check, models.Get(Path), one)));
        }
    }

    /// <summary>Names of a checkpoint's cases: every file that is one half of a case.</summary>
    public static IReadOnlyList<string> CaseNames(string folder) =>
    [
        .. Directory.EnumerateFiles(folder)
            .Select(file => System.IO.Path.GetFileName(file))
            .Select(file => file.EndsWith(Header, StringComparison.Ordinal) ? file[..^Header.Length]
                : file.EndsWith(Tensors, StringComparison.Ordinal) ? file[..^Tensors.Length] : "")
            .Where(one => one.Length > 0)
            .Distinct()
            .Order(StringComparer.Ordinal),
    ];

    private void Check(CaseCheck check, LoadedModel loaded, string one)
    {
        using GoldenCase golden = GoldenCase.ReadFolder(Path, one);
        (IReadOnlyList<MediaSpan> spans, IReadOnlyList<ProcessedMedia> media) = golden.Spans();
        int[] positions = MropePositions.Compute(golden.InputIds.Length, spans, media, out int delta);
        check.EqualIntegers("position_ids", positions, golden.Positions);
        check.Equal("rope_delta", delta, golden.RopeDelta);
        ForwardCheck.Run(check, loaded, golden);
        ServingCheck.Run(check, loaded, golden, new ProcessedPrompt(golden.InputIds, positions, delta, spans, media));
        if (!golden.Has("logits_last") && golden.Greedy.Length == 0)
        {
            check.Fail("a case must have logits_last or greedy; got neither");
        }

        foreach (string tensor in golden.UnreadTensors)
        {
            check.Fail($"{tensor} was not compared: the engine has nothing of that name");
        }
    }
}
