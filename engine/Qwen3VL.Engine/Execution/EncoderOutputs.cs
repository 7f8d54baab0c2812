using Qwen3VL.Engine.Caching;
using Qwen3VL.Engine.Models;

namespace Qwen3VL.Engine.Execution;

/// <summary>
/// The encoder outputs on the device, by content. It owns their memory; when one may go is decided by <see cref="EncoderCache"/>, which
/// owns none. Used by the engine thread only.
/// </summary>
internal sealed class EncoderOutputs : IDisposable
{
    private readonly Dictionary<ContentHash, EncoderOutput> _outputs = [];

    /// <summary>Outputs held.</summary>
    public int Count => _outputs.Count;

    /// <summary>The output of an item that was encoded and not evicted.</summary>
    public EncoderOutput this[ContentHash content] => _outputs.TryGetValue(content, out EncoderOutput? output)
        ? output
        : throw new EngineInvariantException($"a media row in a step must have its encoder output; got none among {Count}");

    /// <summary>Takes ownership of an output.</summary>
    public void Add(ContentHash content, EncoderOutput output)
    {
        if (!_outputs.TryAdd(content, output))
        {
            output.Dispose();
            throw new EngineInvariantException($"a media item must be encoded once while it is held; got it twice among {Count}");
        }
    }

    /// <summary>Frees the outputs of evicted items.</summary>
    public void Drop(List<ContentHash> evicted)
    {
        foreach (ContentHash content in evicted)
        {
            if (!_outputs.Remove(content, out EncoderOutput? output))
            {
                throw new EngineInvariantException($"an evicted media item must have an encoder output; got none among {Count}");
            }

            output.Dispose();
        }
    }

    /// <summary>Frees all outputs.</summary>
    public void Dispose()
    {
        foreach (EncoderOutput output in _outputs.Values)
        {
            output.Dispose();
        }

        _outputs.Clear();
    }
}
