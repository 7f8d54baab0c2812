using Qwen3VL.Conformance.Checks;
using Qwen3VL.Engine.Backends;
using Qwen3VL.Engine.Cpu;
using Qwen3VL.Engine.Models;
using Qwen3VL.TestKit.Cases;

namespace Qwen3VL.Conformance.Models;

/// <summary>Holds the vision tower's outputs against <c>KIND_embeds</c> and <c>KIND_deepstack_i</c>.</summary>
internal static class EncoderCheck
{
    /// <summary>Compares what the reference has of the images or the clips of a case.</summary>
    public static void Run(CaseCheck check, LoadedModel loaded, GoldenCase golden, IReadOnlyList<EncoderOutput> outputs, string kind)
    {
        if (outputs.Count == 0)
        {
            return;
        }

        Compare($"{kind}_embeds", output => output.Main);
        for (int tap = 0; tap < loaded.Model.Config.Vision.DeepStackIndexes.Count; tap++)
        {
            int index = tap;
            Compare($"{kind}_deepstack_{tap}", output => output.DeepStack[index]);
        }

        void Compare(string name, Func<EncoderOutput, DeviceTensor> part)
        {
            if (golden.FloatsOrNull(name) is { } expected)
            {
                check.Close(name, Join(loaded.Backend, outputs.Select(part)), expected, Quantity.Feature);
            }
        }
    }

    private static float[] Join(CpuBackend backend, IEnumerable<DeviceTensor> tensors) => [.. tensors.SelectMany(tensor =>
    {
        var values = new float[tensor.Length];
        backend.Download(tensor, values);
        return values;
    })];
}
