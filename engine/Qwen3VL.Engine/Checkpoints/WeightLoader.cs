using Qwen3VL.Engine.Backends;
using Qwen3VL.Engine.Diagnostics;

namespace Qwen3VL.Engine.Checkpoints;

/// <summary>
/// Moves tensors from a checkpoint to a backend and keeps the list of what it made, so that a load that fails half-way frees everything.
/// </summary>
/// <param name="map">The checkpoint's tensors; borrowed.</param>
/// <param name="backend">Where the weights go; borrowed.</param>
/// <param name="loading">Element type that matrices are kept in, and where progress goes.</param>
/// <param name="cancellationToken">Stops between two pieces of a tensor.</param>
internal sealed class WeightLoader(WeightMap map, IBackend backend, WeightLoading loading, CancellationToken cancellationToken)
{
    private readonly LoadProgress _progress = new(map.TotalBytes, loading);
    private readonly List<Weight> _weights = [];

    /// <summary>The adapter that is loaded beside the weights; borrowed, null for none.</summary>
    internal LoraAdapter? Lora { get; init; }

    /// <summary>Loads a matrix <c>[rows, columns]</c>.</summary>
    internal Weight Matrix(string name, int rows, int columns) => Create(map.Matrix(name, rows, columns));

    /// <summary>Loads a vector of <paramref name="length"/> values.</summary>
    internal Weight Vector(string name, int length) => Matrix(name, 1, length);

    /// <summary>Declares a tensor that a checkpoint may have and this model reads elsewhere.</summary>
    internal void Skip(string name) => map.Skip(name);

    /// <summary>Declares a module that a checkpoint may have and that changes no answer of this model.</summary>
    internal void Tolerate(string module) => map.Tolerate(module);

    /// <summary>Refuses tensors that the model does not have, and says once which unused ones change nothing.</summary>
    /// <exception cref="CheckpointException">There is a tensor that the model does not have.</exception>
    internal void CheckUnused()
    {
        (int count, IReadOnlyList<string> names) = map.CheckUnused();
        if (count > 0)
        {
            new GuardedEngineLog(loading.Log).UnusedTensors(count, names);
        }
    }

    /// <summary>Loads the feed-forward matrices of all experts of a layer.</summary>
    /// <param name="prefix">Name of the experts' module, for example <c>model.language_model.layers.0.mlp.experts</c>.</param>
    /// <param name="numExperts">Experts.</param>
    /// <param name="hidden">Width of the layer.</param>
    /// <param name="intermediate">Width inside an expert.</param>
    internal ExpertWeights Experts(string prefix, int numExperts, int hidden, int intermediate)
    {
        var gate = new List<Weight>(numExperts);
        var up = new List<Weight>(numExperts);
        var down = new List<Weight>(numExperts);
        var experts = new ExpertMap(map, prefix, (numExperts, hidden, intermediate));
        for (int expert = 0; expert < numExperts; expert++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            (StoredWeight Gate, StoredWeight Up) first = experts.GateUp(expert);
            gate.Add(Create(first.Gate));
            up.Add(Create(first.Up));
            down.Add(Create(experts.Down(expert)));
        }

        return new ExpertWeights(gate, up, down);
    }

    /// <summary>Loads what the adapter adds to a linear layer <c>[rows, columns]</c>, as 32-bit floats; null when it adds nothing.</summary>
    internal AdapterWeights? Adapter(string module, int rows, int columns)
    {
        if (Lora?.Read(module, rows, columns) is not { } factors)
        {
            return null;
        }

        Weight reduce = backend.CreateWeight(module + ".lora_A", factors.Reduce, factors.Rank, columns);
        _weights.Add(reduce);
        Weight expand = backend.CreateWeight(module + ".lora_B", factors.Expand, rows, factors.Rank);
        _weights.Add(expand);
        return new AdapterWeights(reduce, expand);
    }

    /// <summary>Reads a matrix that stays on the host.</summary>
    internal float[] HostMatrix(string name, int rows, int columns)
    {
        cancellationToken.ThrowIfCancellationRequested();
        StoredWeight weight = map.Matrix(name, rows, columns);
        if ((long)rows * columns > Array.MaxLength)
        {
            throw new CheckpointException($"{map.Find(name).File.Path}: {name} must have at most {Array.MaxLength} values; got {rows} x {columns}");
        }

        var values = new float[rows * columns];
        WeightConversion.ReadFloats(weight, 0, values);
        return values;
    }

    /// <summary>Frees everything loaded so far.</summary>
    internal void DisposeWeights()
    {
        foreach (Weight weight in _weights)
        {
            weight.Dispose();
        }

        _weights.Clear();
    }

    private Weight Create(StoredWeight stored)
    {
        cancellationToken.ThrowIfCancellationRequested();
        StoredWeight converted = WeightConversion.Convert(stored, loading.Storage);
        Weight weight = backend.CreateWeight(converted.Description, (firstRow, destination) =>
        {
            cancellationToken.ThrowIfCancellationRequested();
            converted.Read(firstRow, destination);
        });
        _weights.Add(weight);
        _progress.Add(stored.Description.RowBytes * stored.Description.Rows);
        return weight;
    }
}
