using Qwen3VL.Engine.Backends;

namespace Qwen3VL.Engine.Models;

/// <summary>
/// What the vision tower makes of one media item. Owned by whoever asked for it (the encoder cache); disposing frees the device memory.
/// </summary>
/// <param name="main"><c>[rows, hidden]</c>: replaces the embeddings of the placeholders.</param>
/// <param name="deepStack">One <c>[rows, hidden]</c> tensor per tap: added after decoder layer k.</param>
public sealed class EncoderOutput(DeviceTensor main, IReadOnlyList<DeviceTensor> deepStack) : IDisposable
{
    /// <summary><c>[rows, hidden]</c>.</summary>
    public DeviceTensor Main { get; } = main;

    /// <summary><c>[rows, hidden]</c> for each tap, in tap order.</summary>
    public IReadOnlyList<DeviceTensor> DeepStack { get; } = deepStack;

    /// <summary>For a pruned clip: which merged vision tokens of the item the rows are, ascending. Empty when it has them all.</summary>
    public ReadOnlyMemory<int> KeptRows { get; init; }

    /// <summary>Merged vision tokens that it has.</summary>
    public int NumRows => Main.Rows;

    /// <summary>Frees the tensors.</summary>
    public void Dispose()
    {
        Main.Dispose();
        foreach (DeviceTensor tap in DeepStack)
        {
            tap.Dispose();
        }
    }
}
