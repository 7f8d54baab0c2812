using Qwen3VL.Conformance.Checks;
using Qwen3VL.Engine.Backends;
using Qwen3VL.Engine.Cpu;
using Qwen3VL.Engine.Models;
using Qwen3VL.TestKit.Cases;

namespace Qwen3VL.Conformance.Models;

/// <summary>Holds the vision tower's outputs against <c>KIND_embeds</c> and <c>KIND_deepstack_i</c>.</summary>
internal static class EncoderCheck
{
    /// <summary>Compares the images or the clips of a case.</summary>
    public static void Run(CaseCheck check, LoadedModel loaded, GoldenCase golden, IReadOnlyList<EncoderOutput> outputs, string kind)
    {
        if (outputs.Count == 0)
        {
            if (golden.Has($"{kind}_embeds"))
            {
                check.Fail($"{kind}_embeds must come with a grid; got none in the case");
            }

            return;
        }

        check.Close($"{kind}_embeds", Join(loaded.Backend, outputs.Select(output => output.Main)), golden.Floats($"{kind}_embeds"), Quantity.Feature);
        for (int tap = 0; tap < loaded.Model.Config.Vision.DeepStackIndexes.Count; tap++)
        {
            int index = tap;
            check.Close($"{kind}_deepstack_{tap}", Join(loaded.Backend, outputs.Select(output => output.DeepStack[index])),
                golden.Floats($"{kind}_deepstack_{tap}"), Quantity.Feature);
        }
    }

    private static float[] Join(CpuBackend backend, IEnumerable<DeviceTensor> tensors) => [.. tensors.SelectMany(tensor =>
    {
        var values = new float[tensor.Length];
        backend.Download(tensor, values);
        return values;
    })];
}
