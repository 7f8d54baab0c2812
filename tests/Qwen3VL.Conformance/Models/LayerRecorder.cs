using Qwen3VL.Engine.Backends;
using Qwen3VL.Engine.Models;

namespace Qwen3VL.Conformance.Models;

/// <summary>Keeps the last row of every decoder layer's output.</summary>
internal sealed class LayerRecorder(IBackend backend) : IForwardObserver
{
    private readonly List<float[]> _lastRows = [];

    /// <summary>One row a layer, in order.</summary>
    public IReadOnlyList<float[]> LastRows => _lastRows;

    /// <inheritdoc/>
    public void OnDecoderLayer(int layer, DeviceTensor hidden)
    {
        var values = new float[hidden.Length];
        backend.Download(hidden, values);
        _lastRows.Add(values[^hidden.Columns..]);
    }
}
