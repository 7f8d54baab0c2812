using Qwen3VL.Conformance.Checks;
using Qwen3VL.Engine.Checkpoints;
using Qwen3VL.Engine.Processing;
using Qwen3VL.TestKit;
using Qwen3VL.TestKit.Cases;

namespace Qwen3VL.Conformance.Folders;

/// <summary><c>evs/</c>: encoder vectors of a clip and a pruning rate -> the rows that are kept.</summary>
internal sealed class EvsFolder(string name, GoldenContext context) : GoldenFolder(name, context)
{
    private const string CasesFile = "cases.json";
    private const string VectorsFile = "embeds.safetensors";

    /// <inheritdoc/>
    public override bool IsKnown(string fileName) => fileName is CasesFile or VectorsFile;

    /// <inheritdoc/>
    public override void Run(CaseRunner cases) => cases.Section(CasesFile, () =>
    {
        EvsGolden[] goldens = Goldens.ReadFile<EvsGolden[]>(File(CasesFile));
        using SafetensorsFile vectors = SafetensorsFile.Open(File(VectorsFile));
        foreach (EvsGolden golden in goldens)
        {
            cases.Case($"{CasesFile}[{golden.Case}]", check => Check(check, golden, vectors));
        }

        foreach (string tensor in vectors.Entries.Keys.Except(goldens.Select(golden => $"embeds_{golden.Case}")).Order(StringComparer.Ordinal))
        {
            cases.Case(tensor, check => check.Fail($"{tensor} was not compared: it must be embeds_CASE of a case of {CasesFile}"));
        }
    });

    private static void Check(CaseCheck check, EvsGolden golden, SafetensorsFile vectors)
    {
        var grid = new GridThw(golden.T, golden.H, golden.W);
        check.Equal("rows to keep", FrameChange.NumKept(grid, golden.Q), golden.Keep);
        if (!vectors.Entries.TryGetValue($"embeds_{golden.Case}", out SafetensorsEntry? entry) || entry.Length % grid.NumRows != 0)
        {
            check.Fail($"{VectorsFile} must have embeds_{golden.Case} of {grid.NumRows} rows");
            return;
        }

        float[] values = new float[entry.Length];
        vectors.ReadFloats(entry, 0, values);
        var change = new FrameChange(grid, values.Length / grid.NumRows);
        int frameLength = values.Length / grid.Time;
        for (int frame = 0; frame < grid.Time; frame++)
        {
            change.AddFrame(values.AsSpan(frame * frameLength, frameLength));
        }

        check.EqualIntegers("kept rows", change.Keep(golden.Keep), golden.Kept);
    }
}
