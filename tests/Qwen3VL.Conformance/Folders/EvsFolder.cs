namespace Qwen3VL.Conformance.Folders;

/// <summary><c>evs/</c>: encoder vectors of a clip and a pruning rate -> the rows that are kept.</summary>
internal sealed class EvsFolder(string name, GoldenContext context) : GoldenFolder(name, context)
{
    /// <inheritdoc/>
    public override bool IsKnown(string fileName) => fileName is "cases.json" or "embeds.safetensors";

    /// <inheritdoc/>
    public override void Run(CaseRunner cases) => cases.Case("cases.json", check => check.Fail("this engine does not prune video tokens"));
}
