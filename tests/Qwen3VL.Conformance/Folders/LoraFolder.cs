namespace Qwen3VL.Conformance.Folders;

/// <summary><c>lora/NAME</c>: an adapter on a checkpoint of <c>../models</c> -> last logits and most probable ids of that checkpoint's cases.</summary>
internal sealed class LoraFolder(string name, GoldenContext context) : GoldenFolder(name, context)
{
    /// <inheritdoc/>
    public override bool IsKnown(string fileName) => fileName is "adapter_config.json" or "adapter_model.safetensors" or "golden.safetensors";

    /// <inheritdoc/>
    public override void Run(CaseRunner cases) => cases.Case("golden.safetensors", check => check.Fail("this engine does not load adapters"));
}
